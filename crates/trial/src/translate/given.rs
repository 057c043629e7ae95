//! The input of a translation, and its notes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::error::{Refusal, TranslateError};
use super::template::{Container, Template};
use crate::image::ImageFacts;
use crate::objects::{self, Objects};
use crate::workload::Workload;

/// The input of a translation, and its notes.
pub(super) struct Given<'a> {
    pub(super) workload: &'a Workload,
    pub(super) objects: &'a Objects,
    pub(super) images: &'a BTreeMap<String, ImageFacts>,
    pub(super) template: &'a Template,
    notes: RefCell<Vec<String>>,
}

impl<'a> Given<'a> {
    pub(super) fn new(
        workload: &'a Workload,
        objects: &'a Objects,
        images: &'a BTreeMap<String, ImageFacts>,
        template: &'a Template,
    ) -> Given<'a> {
        Given { workload, objects, images, template, notes: RefCell::default() }
    }

    /// Says what is not as in a cluster.
    pub(super) fn note(&self, note: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    pub(super) fn notes(self) -> Vec<String> {
        self.notes.into_inner()
    }

    /// The namespace in which the pod looks for what it refers to.
    pub(super) fn namespace(&self) -> Option<&'a str> {
        self.workload.namespace.as_deref()
    }

    /// The namespace, where one has to be named.
    pub(super) fn namespace_name(&self) -> &'a str {
        self.namespace().unwrap_or("default")
    }

    /// The containers with the place of each in the template, in the order of their start.
    pub(super) fn containers(&self) -> impl Iterator<Item = (String, &'a Container)> {
        let spec = &self.template.spec;
        let place = |list: &'static str| move |(at, container)| (format!("spec.{list}[{at}]"), container);
        let init = spec.init_containers.iter().enumerate().map(place("initContainers"));
        init.chain(spec.containers.iter().enumerate().map(place("containers")))
    }

    /// An error at a field of the template.
    pub(super) fn value(&self, field: &str, why: impl Into<String>) -> TranslateError {
        TranslateError::Value {
            workload: self.workload.label(),
            field: [&self.prefix(), field].concat(),
            why: why.into(),
        }
    }

    /// The path to the template, with a dot behind it.
    pub(super) fn prefix(&self) -> String {
        prefix(self.workload)
    }

    /// The kubelet's word when it does not start a container.
    pub(super) fn refused(&self, container: &str, refusal: Refusal) -> TranslateError {
        TranslateError::Refused {
            workload: self.workload.label(),
            container: container.to_owned(),
            refusal: Box::new(refusal),
        }
    }

    /// Reads a value at a field of the template.
    pub(super) fn read<T: serde::de::DeserializeOwned>(
        &self,
        field: &str,
        value: &serde_json::Value,
    ) -> Result<T, TranslateError> {
        objects::read(value).map_err(|error| {
            let prefix = format!("{}{field}.", self.prefix());
            TranslateError::Type { workload: self.workload.label(), prefix, error }
        })
    }
}

/// The path to a workload's template, with a dot behind it.
pub(super) fn prefix(workload: &Workload) -> String {
    let mut prefix = String::new();
    for key in &workload.at {
        if key.bytes().all(|byte| byte.is_ascii_digit()) {
            prefix.pop();
            prefix += &format!("[{key}].");
        } else {
            prefix += &format!("{key}.");
        }
    }
    prefix
}
