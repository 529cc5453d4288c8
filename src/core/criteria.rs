//! The language of segments.
//!
//! A [`Criteria`] is a tree of legs (what must hold of a contact's property, or of how often an
//! event happened) under *and* and *or*. It can be read from JSON, asked whether it holds for a
//! user's [`Facts`] at an instant, and asked when that changes if nothing else happens.

mod canonical;
mod duration;
mod explain;
mod hints;
mod history;
mod json;
mod lean;
mod never;
mod parse;
mod paths;
mod truth;
mod value;
pub mod words;

pub use explain::{EXPLAIN_DEPTH, Explanation, Finding, Precision};
pub use history::{Past, Unread};
pub use lean::Lean;
pub use never::Never;
pub use value::{PropertyValue, Scalar};

use crate::decimal::Decimal;
use crate::time::{Instant, Span};

/// How many composites may stand inside each other.
pub const MAX_DEPTH: usize = 32;
/// How many legs one document may have.
pub const MAX_LEGS: usize = 256;
/// How many bytes the name of an event may have: what fits into an index row beside its user.
pub const MAX_EVENT_NAME: usize = 500;
/// How many problems are reported before reading stops.
pub const MAX_PROBLEMS: usize = 100;
/// Counts beyond this are taken for this: nobody gets there, and ranks stay far from overflow.
pub const MAX_COUNT: u64 = (i64::MAX / 4) as u64;

/// A valid criteria document, compiled: the tree, and what it needs to know about a user.
#[derive(Clone, Debug)]
pub struct Criteria {
    root: Condition,
    events: Vec<EventNeed>,
    properties: Vec<String>,
}

impl Criteria {
    /// Reads and checks a JSON document.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, in the order of the text, at most [`MAX_PROBLEMS`];
    /// never an empty list. No text makes it panic, however deep or long.
    pub fn parse(json: &str) -> Result<Criteria, Vec<Problem>> {
        parse::document(json)
    }

    /// The tree.
    pub fn root(&self) -> &Condition {
        &self.root
    }

    /// The distinct events in the order of their first use, and which occurrences of each the
    /// truth can depend on. [`EventLeg::event`] is an index into this.
    pub fn events(&self) -> &[EventNeed] {
        &self.events
    }

    /// The distinct property names in the order of their first use. [`PropertyLeg::property`] is
    /// an index into this.
    pub fn properties(&self) -> &[String] {
        &self.properties
    }

    /// Whether any leg is about a property: then every live contact is in scope.
    pub fn has_property_leg(&self) -> bool {
        !self.properties.is_empty()
    }

    /// The truth at `now`, and when it changes next if nothing but the clock moves.
    ///
    /// Out of scope the truth is false and never flips. Asks `facts` only for the ranks listed in
    /// [`Criteria::events`]. Allocates nothing.
    pub fn evaluate<F: Facts + ?Sized>(&self, facts: &F, now: Instant) -> Verdict {
        truth::evaluate(self, facts, now)
    }

    /// The last instant in (`after`, `until`] at which the clock alone changed the truth, given
    /// these facts throughout; `None` if it did not, or out of scope. Allocates nothing.
    pub fn last_flip<F: Facts + ?Sized>(
        &self,
        facts: &F,
        after: Instant,
        until: Instant,
    ) -> Option<Instant> {
        truth::last_flip(self, facts, after, until)
    }

    /// The instant at which the criteria last became true, as far as the events tell: true at `now`
    /// and ever since that instant, and false just before it. `past` has the occurrences of each of
    /// [`Criteria::events`], in that order.
    ///
    /// `None` when they are not true at `now`, or would not be without their property legs: when a
    /// property changed nobody knows.
    ///
    /// # Errors
    ///
    /// [`Unread`] when the answer lies further back than what was read of an event.
    pub fn true_since(&self, past: &[&Past], now: Instant) -> Result<Option<Instant>, Unread> {
        history::true_since(self, past, now)
    }

    /// What one more occurrence of an event (an index into [`Criteria::events`]) can do to the truth
    /// of somebody in scope.
    pub fn lean(&self, event: usize) -> Lean {
        lean::of(self, event)
    }

    /// For each of [`Criteria::events`], in that order, where it is named first, as a JSON path.
    pub fn event_paths(&self) -> Vec<(String, &str)> {
        paths::of_events(self)
    }

    /// Where a property is named first, as a JSON path; `None` if nowhere.
    pub fn property_path(&self, name: &str) -> Option<String> {
        paths::of_property(self, name)
    }

    /// Why nobody can match, where that is certain; `None`: somebody may.
    pub fn never(&self) -> Option<Never> {
        never::of(self)
    }

    /// The same criteria as JSON in one fixed form, for comparing and hashing.
    ///
    /// Two documents that differ only in white space, in the order of keys, in how a number or a
    /// window is written, have the same. Parsing it gives the same criteria again.
    pub fn canonical(&self) -> String {
        canonical::write(&self.root, &self.events, &self.properties)
    }
}

/// An event that criteria name, and what must be known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventNeed {
    /// The name, never empty, never one of hogsend's own.
    pub event: String,
    /// Which occurrences matter: 1 is the latest, 2 the one before. Ascending and distinct, and 1
    /// is always among them, because it decides the scope.
    pub ranks: Vec<u64>,
}

/// One thing that is wrong with a criteria document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a JSON path like `$.conditions[1].within`.
    pub path: String,
    /// What: lower-case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// What evaluation finds out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Whether the criteria hold now.
    pub truth: bool,
    /// The first later instant at which they no longer do (or do for the first time), if no new
    /// data comes; `None` when the clock alone changes nothing any more.
    pub flips_at: Option<Instant>,
}

/// What is known of one user, as far as one [`Criteria`] asks.
pub trait Facts {
    /// When event `event` (an index into [`Criteria::events`]) happened for the `rank`-th time
    /// counted from the latest, which is rank 1; `None` if it happened less often. A higher rank
    /// must never be later than a lower one.
    fn occurrence(&self, event: usize, rank: u64) -> Option<Instant>;

    /// The value of property `property` (an index into [`Criteria::properties`]); `None` when it
    /// is absent or the user has no live contact.
    fn property(&self, property: usize) -> Option<&PropertyValue>;

    /// Whether the user has a contact that is not soft-deleted.
    fn live_contact(&self) -> bool;
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub enum Condition {
    /// What must hold of a property of the contact.
    Property(PropertyLeg),
    /// What must hold of the number of times an event happened.
    Event(EventLeg),
    /// Several conditions in one.
    Composite {
        /// Whether all or any of them must hold.
        operator: Junction,
        /// In the order of the document; never empty.
        conditions: Vec<Condition>,
    },
}

/// How a composite combines its conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Junction {
    /// All must hold.
    And,
    /// One is enough.
    Or,
}

/// A leg about a property.
#[derive(Clone, Debug)]
pub struct PropertyLeg {
    /// Index into [`Criteria::properties`].
    pub property: usize,
    /// What must hold of its value.
    pub test: PropertyTest,
}

/// What a property leg asks of the value. Values of another type than asked for are never equal,
/// never in order and contain nothing.
#[derive(Clone, Debug)]
pub enum PropertyTest {
    /// Present and not null.
    Exists,
    /// Absent or null.
    NotExists,
    /// The same type and value.
    Eq(Scalar),
    /// Anything but that, absence included.
    Neq(Scalar),
    /// A number beyond the given one.
    Gt(Decimal),
    /// A number not below the given one.
    Gte(Decimal),
    /// A number below the given one.
    Lt(Decimal),
    /// A number not beyond the given one.
    Lte(Decimal),
    /// A string with the given one in it, or an array with an equal element.
    Contains(Scalar),
}

/// A leg about an event.
#[derive(Clone, Debug)]
pub struct EventLeg {
    /// Index into [`Criteria::events`].
    pub event: usize,
    /// What must hold of the number of occurrences.
    pub check: EventCheck,
    /// Only occurrences at most this old count; `None`: all do. Always above zero.
    pub within: Option<Span>,
    /// The same check as a range, for evaluation.
    range: CountRange,
}

/// What an event leg asks of the number of occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventCheck {
    /// At least one.
    Exists,
    /// None.
    NotExists,
    /// As many as the bound says; without a bound at least one.
    Count(Option<CountBound>),
}

/// The bound of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountBound {
    /// How the number of occurrences compares with `value`.
    pub operator: Comparison,
    /// At most [`MAX_COUNT`].
    pub value: u64,
}

/// How a count compares with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// More than.
    Gt,
    /// At least.
    Gte,
    /// Less than.
    Lt,
    /// At most.
    Lte,
    /// Exactly.
    Eq,
}

/// Any check of a count is a range: at least `low` and fewer than `high`. So one occurrence tells
/// each side: the one of rank `low` must be there, and the one of rank `high` must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CountRange {
    /// 0 asks nothing.
    low: u64,
    /// `None` asks nothing; 0 can never be met.
    high: Option<u64>,
}
