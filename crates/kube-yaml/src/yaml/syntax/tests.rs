//! The grammar. What `kubectl` takes, refuses and means was tried with `kubectl` 1.35.

mod deviations;
mod grammar;
mod properties;
mod refusals;

use super::{Content, Error, Event, Parser, Properties, Style};

/// All events of a text.
fn events(text: &str) -> Result<Vec<Event<'_>>, Error> {
    let mut parser = Parser::new(text);
    let mut events = Vec::new();
    while let Some(event) = parser.next_event()? {
        events.push(event);
    }
    Ok(events)
}

/// The events of a text in short: blocks in `(` `)` for mappings and `<` `>` for sequences, brackets as they are,
/// scalars with their quotes, `~` for what is not written.
fn said(text: &str) -> Result<String, String> {
    let mut open = Vec::new();
    let words = events(text).map_err(|error| error.message)?.into_iter().map(|event| match event.content {
        Content::DocumentStart => "---".to_owned(),
        Content::DocumentEnd => "...".to_owned(),
        Content::Alias(name) => format!("*{name}"),
        Content::Scalar { text, style, properties } => {
            let (before, behind) = match style {
                Style::Plain => ("", ""),
                Style::Single => ("'", "'"),
                Style::Double => ("\"", "\""),
                Style::Literal => ("|", ""),
                Style::Folded => (">", ""),
                Style::Absent => ("~", ""),
            };
            format!("{}{before}{text}{behind}", front(&properties))
        }
        Content::SequenceStart { flow, properties } => {
            open.push(if flow { "]" } else { ">" });
            format!("{}{}", front(&properties), if flow { "[" } else { "<" })
        }
        Content::MappingStart { flow, properties } => {
            open.push(if flow { "}" } else { ")" });
            format!("{}{}", front(&properties), if flow { "{" } else { "(" })
        }
        Content::End => open.pop().unwrap_or_default().to_owned(),
    });
    Ok(words.collect::<Vec<_>>().join(" "))
}

fn front(properties: &Properties<'_>) -> String {
    let anchor = properties.anchor.map(|anchor| format!("&{anchor} ")).unwrap_or_default();
    let tag = properties.tag.as_deref().map(|tag| format!("!<{tag}> ")).unwrap_or_default();
    anchor + &tag
}

/// The events of the only document of a text.
fn document(text: &str) -> Result<String, String> {
    let said = said(text)?;
    let only = said.strip_prefix("--- ").and_then(|said| said.strip_suffix(" ..."));
    only.map(str::to_owned).ok_or_else(|| format!("not one document: {said}"))
}

fn check(table: &[(&str, &str)]) {
    for (text, want) in table {
        assert_eq!(document(text).as_deref(), Ok(*want), "{text:?}");
    }
}
