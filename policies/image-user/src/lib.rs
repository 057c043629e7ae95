//! Kubewarden policy `image-user`: see [`hardening::rules::image_user`].

hardening::policy!(hardening::policy::Single<hardening::rules::image_user::ImageUser>);
