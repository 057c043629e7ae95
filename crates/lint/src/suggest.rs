//! "Did you mean": names that were probably meant.

/// The one of `known` that is most like `word`, if any is like it.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let scored = known.iter().map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 > 0.8).then_some(best.1)
}

/// The end of a message about an unknown `word`: the nearest of `known`, else all of them.
pub fn among(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(nearest) => format!(", did you mean {nearest}?"),
        None => format!(", expected one of: {}", known.join(", ")),
    }
}

/// Words for one thing: in `harden.yaml`, and in the settings of policies, which keep Kubewarden's short ones.
const SYNONYMS: [[&str; 2]; 2] = [["version", "kubernetesVersion"], ["kubernetesVersion", "version"]];

/// The key that was probably meant by another.
fn meant<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let other = SYNONYMS.iter().find(|[word, _]| *word == key).map(|[_, other]| other);
    let same = other.and_then(|other| known.iter().find(|known| *known == other).copied());
    same.or_else(|| nearest(key, known))
}

/// How the policies list the keys or rules that they know, behind the one that they do not.
const LISTING: [&str; 2] = [": unknown setting, expected one of: ", ": unknown rule, expected one of: "];

/// Adds to a message about unknown settings, from a policy or the configuration, with the key that was probably meant
/// in front of those that are known. A policy is too small to guess.
pub fn for_settings(message: &str) -> String {
    let guess = LISTING.iter().find_map(|listing| {
        let (path, known) = message.split_once(listing)?;
        let key = path.rsplit(['.', ' ']).next()?;
        let known: Vec<&str> = known.split(", ").collect();
        let nearest = meant(key, &known)?;
        let what = listing.split(',').next()?;
        Some(format!("{path}{what}, did you mean {nearest}? Expected one of: {}", known.join(", ")))
    });
    guess.unwrap_or_else(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_nonsense_is_not() {
        let known = ["privileged", "image-tag", "capabilities"];
        assert_eq!(nearest("privilege", &known), Some("privileged"));
        assert_eq!(nearest("image_tag", &known), Some("image-tag"));
        assert_eq!(nearest("xyz", &known), None);
        assert!(among("xyz", &known).contains("expected one of: privileged, image-tag"));
    }

    #[test]
    fn an_unknown_setting_gets_its_neighbour() {
        let of = |key: &str| {
            format!(
                "Provided settings are not valid: {key}: unknown setting, expected one of: allowedAdd, requiredDrop"
            )
        };
        let guessed = for_settings(&of("rules.capabilities.allowedAd"));
        let expected = "rules.capabilities.allowedAd: unknown setting, did you mean allowedAdd? Expected one of: allowedAdd, requiredDrop";
        assert!(guessed.ends_with(expected), "{guessed}");
        assert!(for_settings(&of("requireDrop")).contains("did you mean requiredDrop?"));
        let versions =
            |key: &str, known: &str| for_settings(&format!("{key}: unknown setting, expected one of: {known}"));
        let configured = versions("version", "profile, kubernetesVersion, warn, warnVersion");
        assert!(configured.contains("did you mean kubernetesVersion?"), "{configured}");
        let of_policy = versions("kubernetesVersion", "profile, version, warn, warnVersion, rules");
        assert!(of_policy.contains("did you mean version?"), "{of_policy}");
        for message in [of("nonsense"), "rules: must be an object".to_owned()] {
            assert_eq!(for_settings(&message), message);
        }
    }
}
