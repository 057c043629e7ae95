//! Tokens to events: documents and nodes.

use super::event::{Content, Event, Properties, Style};
use super::scanner::Scanner;
use super::states::State;
use super::token::{Kind, Token};
use super::{Error, Mark};
use std::borrow::Cow;

/// The most handles of tags that a document may define.
const MOST_HANDLES: usize = 100;

/// Reads a text event by event.
pub(in crate::yaml) struct Parser<'a> {
    scanner: Scanner<'a>,
    pub(super) state: State,
    /// The state after the node that is read, for each collection around it.
    pub(super) states: Vec<State>,
    /// The handles of tags that the document defines.
    tags: Vec<(&'a str, Cow<'a, str>)>,
    /// Where the last token that is written ended.
    pub(super) behind: Mark,
}

/// Which nodes may come.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Nodes {
    /// Nodes in brackets.
    Flow,
    Block,
    /// Also a sequence that is not indented.
    BlockOrIndentless,
}

impl<'a> Parser<'a> {
    pub(in crate::yaml) fn new(text: &'a str) -> Self {
        Parser {
            scanner: Scanner::new(text),
            state: State::FirstDocument,
            states: Vec::new(),
            tags: Vec::new(),
            behind: Mark::default(),
        }
    }

    /// The next event; `None` at the end of the text.
    ///
    /// # Errors
    /// A text that is not YAML. It says nothing more then.
    pub(in crate::yaml) fn next_event(&mut self) -> Result<Option<Event<'a>>, Error> {
        let event = match self.state {
            State::End => return Ok(None),
            State::FirstDocument | State::NextDocument { .. } => self.document_start(),
            State::DocumentContent => self.document_content().map(Some),
            State::DocumentEnd => self.document_end().map(Some),
            _ => self.collection_state().map(Some),
        };
        if event.is_err() {
            self.state = State::End;
        }
        event
    }

    pub(super) fn peek(&mut self) -> Result<&Token<'a>, Error> {
        self.scanner.peek()
    }

    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        let token = self.scanner.take()?;
        if token.start != token.end {
            self.behind = token.end;
        }
        Some(token)
    }

    /// Takes the next token if it is of a kind.
    pub(super) fn take_if(&mut self, kind: &Kind<'_>) -> Result<bool, Error> {
        let found = self.peek()?.kind == *kind;
        if found {
            self.take();
        }
        Ok(found)
    }

    /// An error at the next token.
    pub(super) fn refuse<T>(&mut self, message: &str) -> Result<T, Error> {
        Err(Error { mark: self.peek()?.start, message: message.to_owned() })
    }

    /// Goes back to what is around the node.
    pub(super) fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// A node that is not written.
    pub(super) fn absent(&self) -> Event<'a> {
        self.absent_with(Properties::default())
    }

    fn absent_with(&self, properties: Properties<'a>) -> Event<'a> {
        let content = Content::Scalar { text: Cow::Borrowed(""), style: Style::Absent, properties };
        Event { content, start: self.behind, end: self.behind.byte }
    }

    fn document_start(&mut self) -> Result<Option<Event<'a>>, Error> {
        let bare = match self.state {
            State::NextDocument { bare } => {
                let mut bare = bare;
                while self.take_if(&Kind::DocumentEnd)? {
                    bare = true;
                }
                bare
            }
            _ => true,
        };
        self.tags.clear();
        let mut versions = 0;
        loop {
            let directives = versions + self.tags.len();
            let Token { kind, start, .. } = self.peek()?;
            let start = *start;
            match kind {
                Kind::StreamEnd if directives == 0 => {
                    self.state = State::End;
                    return Ok(None);
                }
                Kind::Version => {
                    versions += 1;
                    if versions > 1 {
                        return self.refuse("a document has one `%YAML` directive");
                    }
                    self.take();
                }
                Kind::TagDirective { handle, prefix } => {
                    let (handle, prefix) = (*handle, prefix.clone());
                    if self.tags.iter().any(|(known, _)| *known == handle) {
                        return self.refuse("this handle of tags is already defined");
                    }
                    if self.tags.len() >= MOST_HANDLES {
                        return self.refuse("too many tag directives");
                    }
                    self.tags.push((handle, prefix));
                    self.take();
                }
                Kind::DocumentStart => {
                    self.states.push(State::DocumentEnd);
                    self.state = State::DocumentContent;
                    self.take();
                    return Ok(Some(Event { content: Content::DocumentStart, start, end: self.behind.byte }));
                }
                _ if bare && directives == 0 => {
                    self.states.push(State::DocumentEnd);
                    self.state = State::BlockNode;
                    return Ok(Some(Event { content: Content::DocumentStart, start, end: start.byte }));
                }
                _ => return self.refuse("a document has to start with `---` here"),
            }
        }
    }

    fn document_content(&mut self) -> Result<Event<'a>, Error> {
        match self.peek()?.kind {
            Kind::Version | Kind::TagDirective { .. } | Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd => {
                self.pop();
                Ok(self.absent())
            }
            _ => self.node(Nodes::Block),
        }
    }

    fn document_end(&mut self) -> Result<Event<'a>, Error> {
        let start = self.peek()?.start;
        let bare = self.take_if(&Kind::DocumentEnd)?;
        self.state = State::NextDocument { bare };
        Ok(Event { content: Content::DocumentEnd, start, end: start.byte })
    }

    /// The node that starts here.
    pub(super) fn node(&mut self, nodes: Nodes) -> Result<Event<'a>, Error> {
        let properties = self.properties()?;
        let Token { kind, start, end, .. } = self.peek()?;
        let (start, end) = (*start, end.byte);
        let (state, content) = match kind {
            Kind::Alias(name) if properties == Properties::default() => {
                let content = Content::Alias(name);
                self.pop();
                self.take();
                return Ok(Event { content, start, end });
            }
            Kind::Scalar(..) => {
                self.pop();
                let Some(Token { kind: Kind::Scalar(text, style), .. }) = self.take() else { return Ok(self.absent()) };
                return Ok(Event { content: Content::Scalar { text, style, properties }, start, end });
            }
            Kind::BlockEntry if nodes == Nodes::BlockOrIndentless => {
                (State::IndentlessItem, Content::SequenceStart { flow: false, properties })
            }
            Kind::FlowSequenceStart => {
                (State::FlowSequence { first: true }, Content::SequenceStart { flow: true, properties })
            }
            Kind::FlowMappingStart => {
                (State::FlowMapping { first: true }, Content::MappingStart { flow: true, properties })
            }
            Kind::BlockSequenceStart if nodes != Nodes::Flow => {
                (State::BlockItem { first: true }, Content::SequenceStart { flow: false, properties })
            }
            Kind::BlockMappingStart if nodes != Nodes::Flow => {
                (State::BlockKey { first: true }, Content::MappingStart { flow: false, properties })
            }
            _ if properties != Properties::default() => {
                self.pop();
                return Ok(self.absent_with(properties));
            }
            _ => return self.refuse("a value is expected here"),
        };
        self.state = state;
        Ok(Event { content, start, end })
    }

    /// An anchor, a tag, or both in any order.
    fn properties(&mut self) -> Result<Properties<'a>, Error> {
        let mut properties = Properties::default();
        loop {
            match &self.peek()?.kind {
                Kind::Anchor(name) if properties.anchor.is_none() => properties.anchor = Some(name),
                Kind::Tag { handle, suffix } if properties.tag.is_none() => {
                    let (handle, suffix) = (*handle, suffix.clone());
                    match self.full_tag(handle, suffix) {
                        Some(tag) => properties.tag = Some(tag),
                        None => return self.refuse("the handle of this tag is not defined"),
                    }
                }
                _ => return Ok(properties),
            }
            self.take();
        }
    }

    fn full_tag(&self, handle: &str, suffix: Cow<'a, str>) -> Option<Cow<'a, str>> {
        if handle.is_empty() {
            return Some(suffix);
        }
        let defined = self.tags.iter().find(|(known, _)| *known == handle).map(|(_, prefix)| &**prefix);
        let prefix = match (defined, handle) {
            (Some(prefix), _) => prefix,
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            (None, _) => return None,
        };
        Some(Cow::Owned([prefix, &suffix].concat()))
    }
}
