//! Kubewarden policy `image-digest`: see [`hardening::rules::image_digest`].

hardening::policy!(hardening::policy::Single<hardening::rules::image_digest::ImageDigest>);
