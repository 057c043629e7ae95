//! The network of a run: closed unless it should be open, with an address for each pod.

use std::net::Ipv4Addr;

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest};
use bollard::query_parameters::InspectNetworkOptions;

use crate::api::Api;
use crate::session::Run;
use crate::{Choice, EngineError};

/// The first addresses of a network are gateways' and name servers'.
const FIRST: u32 = 10;

/// A network of the engine.
#[derive(Debug)]
pub(crate) struct Network {
    name: String,
    base: Ipv4Addr,
}

impl Network {
    /// Makes a network.
    ///
    /// The engine chooses its addresses. Docker lets a container have a certain one only where the network was made
    /// with them, so it is made again with those that were chosen; another network may have taken them meanwhile.
    pub(crate) async fn create(api: &Api, run: &Run, open: bool) -> Result<Network, EngineError> {
        let name = run.name().to_owned();
        let error = |error: bollard::errors::Error| api.error("make a network", &error);
        let mut last = None;
        for _ in 0..5 {
            let request = |subnet: Option<String>| NetworkCreateRequest {
                name: name.clone(),
                internal: Some(!open),
                labels: Some(run.labels()),
                ipam: subnet.map(|subnet| Ipam {
                    config: Some(vec![IpamConfig { subnet: Some(subnet), ..IpamConfig::default() }]),
                    ..Ipam::default()
                }),
                ..NetworkCreateRequest::default()
            };
            api.docker.create_network(request(None)).await.map_err(error)?;
            let made = api.docker.inspect_network(&name, None::<InspectNetworkOptions>).await.map_err(error)?;
            let configs = made.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
            let subnet = configs.into_iter().filter_map(|config| config.subnet).find_map(|subnet| {
                let base = subnet.split('/').next()?.parse::<Ipv4Addr>().ok()?;
                Some((subnet, base))
            });
            let Some((subnet, base)) = subnet else {
                let why = "the new network has no IPv4 addresses".to_owned();
                return Err(EngineError::Request { what: "make a network".to_owned(), why });
            };
            if api.kind == Choice::Podman {
                return Ok(Network { name, base });
            }
            api.docker.remove_network(&name).await.map_err(error)?;
            match api.docker.create_network(request(Some(subnet))).await {
                Ok(_) => return Ok(Network { name, base }),
                Err(taken) => last = Some(error(taken)),
            }
        }
        Err(last.unwrap_or(EngineError::Request { what: "make a network".to_owned(), why: String::new() }))
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The address of the pod with a number.
    pub(crate) fn address(&self, number: usize) -> Ipv4Addr {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Ipv4Addr::from(u32::from(self.base).saturating_add(FIRST).saturating_add(number))
    }
}
