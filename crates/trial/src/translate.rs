//! From a pod template to a pod as a container engine can run it, field by field as the kubelet does it.

mod error;

use std::collections::BTreeMap;

pub use error::{Refusal, TranslateError};

use crate::image::ImageFacts;
use crate::objects::Objects;
use crate::pod::Pod;
use crate::workload::Workload;

/// The pod that the kubelet would run for a workload.
///
/// `images` says what is known of images, by their references as they are written. Nothing that reaches beyond the pod
/// is passed on, whatever the template says: what is left out is in [`Pod::notes`].
///
/// # Errors
/// A template that the API server refuses, and a container that the kubelet does not start:
/// [`TranslateError::outcome`] tells them apart.
pub fn translate(
    workload: &Workload,
    _objects: &Objects,
    _images: &BTreeMap<String, ImageFacts>,
) -> Result<Pod, TranslateError> {
    Err(TranslateError::Windows { workload: workload.label() })
}
