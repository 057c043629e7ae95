//! Kubewarden policy `service-account-token`: see [`hardening::rules::service_account_token`].
#![cfg_attr(target_arch = "wasm32", no_std)]

hardening::policy!(hardening::policy::Single<hardening::rules::service_account_token::ServiceAccountToken>);
