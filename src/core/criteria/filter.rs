//! What must hold of an event itself for it to count: a tree of tests of the event's own document.
//!
//! A filter is decided once, where the event is read, and for good: no clock is in it.

use super::legs::property::PropertyTest;
use super::path::Path;
use super::value::PropertyValue;
use super::value::Scalar;

/// A part of an event that a filter can ask for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A place in the event's `properties`.
    Property(Path),
    /// The column `value`.
    Value,
    /// The column `source`.
    Source,
}

/// One event, as filters see it.
pub trait EventRow {
    /// What stands there; `None` where there is nothing (a missing key, SQL's NULL).
    fn field(&self, field: &Field) -> Option<PropertyValue>;
}

/// A condition on one event.
#[derive(Clone, Debug)]
pub struct Filter {
    root: Node,
    text: String,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Test { field: Field, test: PropertyTest },
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

impl Filter {
    /// `text` is the canonical form.
    pub(super) fn new(root: Node, text: String) -> Filter {
        Filter { root, text }
    }

    /// The canonical form: the same for filters that mean the same by the rules of documents.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the event counts.
    pub fn passes(&self, row: &impl EventRow) -> bool {
        self.root.passes(row)
    }

    /// Where the whole filter is that one field equals one value: which, so that many such filters
    /// are one look-up. One of several conditions that must all hold is as good: whoever fails it
    /// fails the filter.
    pub fn equality(&self) -> Option<(&Field, &Scalar)> {
        self.root.equality()
    }

    /// Calls `visit` with every field that is asked for, some more than once.
    pub fn fields<'f>(&'f self, visit: &mut impl FnMut(&'f Field)) {
        self.root.fields(visit);
    }
}

impl Node {
    fn passes(&self, row: &impl EventRow) -> bool {
        match self {
            Node::Test { field, test } => test.passes(row.field(field).as_ref()),
            Node::Not(inner) => !inner.passes(row),
            Node::All(parts) => parts.iter().all(|part| part.passes(row)),
            Node::Any(parts) => parts.iter().any(|part| part.passes(row)),
        }
    }

    fn equality(&self) -> Option<(&Field, &Scalar)> {
        match self {
            Node::Test {
                field,
                test: PropertyTest::Eq(scalar),
            } => Some((field, scalar)),
            Node::All(parts) => parts.iter().find_map(Node::equality),
            _ => None,
        }
    }

    fn fields<'f>(&'f self, visit: &mut impl FnMut(&'f Field)) {
        match self {
            Node::Test { field, .. } => visit(field),
            Node::Not(inner) => inner.fields(visit),
            Node::All(parts) | Node::Any(parts) => {
                parts.iter().for_each(|part| part.fields(visit));
            }
        }
    }
}
