//! Tokens to events: what is inside of collections.

use super::Error;
use super::event::{Content, Event, Properties};
use super::parser::{Nodes, Parser};
use super::token::Kind;

/// The next part that the parser expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    FirstDocument,
    /// Another document, which may do without `---` if `bare`.
    NextDocument {
        bare: bool,
    },
    DocumentContent,
    DocumentEnd,
    End,
    BlockNode,
    BlockItem {
        first: bool,
    },
    /// An item of a sequence that is not indented.
    IndentlessItem,
    BlockKey {
        first: bool,
    },
    BlockValue,
    FlowSequence {
        first: bool,
    },
    /// The key of a pair in a sequence.
    PairKey,
    PairValue,
    PairEnd,
    FlowMapping {
        first: bool,
    },
    FlowValue,
    /// The value of a key without a colon.
    NoFlowValue,
}

impl<'a> Parser<'a> {
    pub(super) fn collection_state(&mut self) -> Result<Event<'a>, Error> {
        match self.state {
            State::BlockItem { first } => self.block_item(first),
            State::IndentlessItem => self.indentless_item(),
            State::BlockKey { first } => self.block_key(first),
            State::BlockValue => self.block_value(),
            State::FlowSequence { first } => self.flow_sequence(first),
            State::PairKey => self.pair_key(),
            State::PairValue => self.flow_value(State::PairEnd),
            State::PairEnd => Ok(self.end_here(State::FlowSequence { first: false })),
            State::FlowMapping { first } => self.flow_mapping(first),
            State::FlowValue => self.flow_value(State::FlowMapping { first: false }),
            State::NoFlowValue => {
                self.state = State::FlowMapping { first: false };
                Ok(self.absent())
            }
            _ => self.node(Nodes::Block),
        }
    }

    /// Reads a node, and goes on with `then`.
    fn node_then(&mut self, nodes: Nodes, then: State) -> Result<Event<'a>, Error> {
        self.states.push(then);
        self.node(nodes)
    }

    fn absent_then(&mut self, then: State) -> Event<'a> {
        self.state = then;
        self.absent()
    }

    /// The end of a collection that no token of its own ends.
    fn end_here(&mut self, then: State) -> Event<'a> {
        self.state = then;
        Event { content: Content::End, start: self.behind, end: self.behind.byte }
    }

    /// The end of a collection, with the token that ends it.
    fn end(&mut self) -> Event<'a> {
        self.take();
        let then = self.states.pop().unwrap_or(State::End);
        self.end_here(then)
    }

    fn block_item(&mut self, first: bool) -> Result<Event<'a>, Error> {
        if first {
            self.take();
        }
        if self.take_if(&Kind::BlockEntry)? {
            let then = State::BlockItem { first: false };
            return match self.peek()?.kind {
                Kind::BlockEntry | Kind::BlockEnd => Ok(self.absent_then(then)),
                _ => self.node_then(Nodes::Block, then),
            };
        }
        match self.peek()?.kind {
            Kind::BlockEnd => Ok(self.end()),
            _ => self.refuse("expected `-`, as in front of the other items of this list"),
        }
    }

    fn indentless_item(&mut self) -> Result<Event<'a>, Error> {
        if !self.take_if(&Kind::BlockEntry)? {
            let then = self.states.pop().unwrap_or(State::End);
            return Ok(self.end_here(then));
        }
        match self.peek()?.kind {
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.absent_then(State::IndentlessItem)),
            _ => self.node_then(Nodes::Block, State::IndentlessItem),
        }
    }

    fn block_key(&mut self, first: bool) -> Result<Event<'a>, Error> {
        if first {
            self.take();
        }
        match self.peek()?.kind {
            Kind::Key => {
                self.take();
                self.block_entry_node(State::BlockValue)
            }
            Kind::BlockEnd => Ok(self.end()),
            _ => self.refuse("expected a key, in the same column as the other keys of this mapping"),
        }
    }

    fn block_value(&mut self) -> Result<Event<'a>, Error> {
        let then = State::BlockKey { first: false };
        if self.take_if(&Kind::Value)? { self.block_entry_node(then) } else { Ok(self.absent_then(then)) }
    }

    /// The key or value behind its indicator.
    fn block_entry_node(&mut self, then: State) -> Result<Event<'a>, Error> {
        match self.peek()?.kind {
            Kind::Key | Kind::Value | Kind::BlockEnd => Ok(self.absent_then(then)),
            _ => self.node_then(Nodes::BlockOrIndentless, then),
        }
    }

    fn flow_sequence(&mut self, first: bool) -> Result<Event<'a>, Error> {
        if first {
            self.take();
        }
        if !first && self.peek()?.kind != Kind::FlowSequenceEnd && !self.take_if(&Kind::FlowEntry)? {
            return self.refuse("expected `,` or `]`");
        }
        match self.peek()?.kind {
            Kind::FlowSequenceEnd => Ok(self.end()),
            Kind::Key => {
                let mark = self.peek()?.start;
                self.take();
                self.state = State::PairKey;
                let content = Content::MappingStart { flow: true, properties: Properties::default() };
                Ok(Event { content, start: mark, end: mark.byte })
            }
            _ => self.node_then(Nodes::Flow, State::FlowSequence { first: false }),
        }
    }

    fn pair_key(&mut self) -> Result<Event<'a>, Error> {
        match self.peek()?.kind {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => Ok(self.absent_then(State::PairValue)),
            _ => self.node_then(Nodes::Flow, State::PairValue),
        }
    }

    fn flow_mapping(&mut self, first: bool) -> Result<Event<'a>, Error> {
        if first {
            self.take();
        }
        if !first && self.peek()?.kind != Kind::FlowMappingEnd && !self.take_if(&Kind::FlowEntry)? {
            return self.refuse("expected `,` or `}`");
        }
        match self.peek()?.kind {
            Kind::FlowMappingEnd => Ok(self.end()),
            Kind::Key => {
                self.take();
                match self.peek()?.kind {
                    Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd => Ok(self.absent_then(State::FlowValue)),
                    _ => self.node_then(Nodes::Flow, State::FlowValue),
                }
            }
            _ => self.node_then(Nodes::Flow, State::NoFlowValue),
        }
    }

    /// The value in a mapping with brackets, or in a pair.
    fn flow_value(&mut self, then: State) -> Result<Event<'a>, Error> {
        if self.take_if(&Kind::Value)? {
            let ends = matches!(self.peek()?.kind, Kind::FlowEntry | Kind::FlowSequenceEnd | Kind::FlowMappingEnd);
            // Whether it is the right bracket, the collection looks at.
            if !ends {
                return self.node_then(Nodes::Flow, then);
            }
        }
        Ok(self.absent_then(then))
    }
}
