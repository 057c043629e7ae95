//! Kubewarden policy `image-tag`: see [`hardening::rules::image_tag`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::image_tag::ImageTag>);
