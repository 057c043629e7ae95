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
}
