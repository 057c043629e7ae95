//! Kubewarden policy `image-tag`: see [`hardening::rules::image_tag`].

hardening::policy!(hardening::policy::Single<hardening::rules::image_tag::ImageTag>);
