//! The configuration of an image.

use bollard::models::ImageConfig;
use bollard::query_parameters::CreateImageOptions;
use futures_util::StreamExt as _;
use trial::ImageFacts;

use crate::EngineError;
use crate::api::{Api, is_gone};

/// The configuration of an image; pulls it if it is not there and `pull` asks for that.
pub(crate) async fn facts(api: &Api, reference: &str, pull: bool) -> Result<ImageFacts, EngineError> {
    let inspected = match api.docker.inspect_image(reference).await {
        Err(error) if is_gone(&error) && pull => {
            fetch(api, reference).await?;
            api.docker.inspect_image(reference).await
        }
        inspected => inspected,
    };
    match inspected {
        Ok(image) => Ok(of(image.config.unwrap_or_default())),
        Err(error) if is_gone(&error) => Err(EngineError::ImageMissing(reference.to_owned())),
        Err(error) => Err(api.error(&format!("describe image {reference}"), &error)),
    }
}

async fn fetch(api: &Api, reference: &str) -> Result<(), EngineError> {
    // Without a tag, docker would pull all.
    let last = reference.rsplit('/').next().unwrap_or(reference);
    let full = if last.contains([':', '@']) { reference.to_owned() } else { format!("{reference}:latest") };
    let options = CreateImageOptions { from_image: Some(full), ..CreateImageOptions::default() };
    let mut answers = api.docker.create_image(Some(options), None, None).boxed();
    while let Some(answer) = answers.next().await {
        let image = reference.to_owned();
        answer.map_err(|error| EngineError::Pull { image, why: api.said(&error) })?;
    }
    Ok(())
}

fn of(config: ImageConfig) -> ImageFacts {
    let env = config.env.unwrap_or_default().into_iter().map(|line| match line.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (line, String::new()),
    });
    let port = |text: &String| {
        let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        port.parse().ok().filter(|_| protocol == "tcp")
    };
    ImageFacts {
        user: config.user.unwrap_or_default(),
        entrypoint: config.entrypoint.unwrap_or_default(),
        command: config.cmd.unwrap_or_default(),
        env: env.collect(),
        working_dir: config.working_dir.unwrap_or_default(),
        volumes: config.volumes.unwrap_or_default().into_iter().collect(),
        ports: config.exposed_ports.unwrap_or_default().iter().filter_map(port).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_as_it_is_written() {
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let facts = of(ImageConfig {
            user: Some("app:staff".to_owned()),
            env: words(&["A=1=2", "B"]),
            exposed_ports: words(&["80/tcp", "53/udp", "8080"]),
            volumes: words(&["/data"]),
            ..ImageConfig::default()
        });
        assert_eq!(facts.user, "app:staff");
        assert_eq!(facts.env, [("A".to_owned(), "1=2".to_owned()), ("B".to_owned(), String::new())]);
        assert_eq!(facts.ports.into_iter().collect::<Vec<_>>(), [80, 8080]);
        assert!(facts.volumes.contains("/data"));
        assert_eq!(of(ImageConfig::default()), ImageFacts::default());
    }
}
