//! Kubewarden policy `service-account-token`: see [`hardening::rules::service_account_token`].

hardening::policy!(hardening::policy::Single<hardening::rules::service_account_token::ServiceAccountToken>);
