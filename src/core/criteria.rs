//! The language of segments.
//!
//! A [`Criteria`] is a tree of legs (what must hold of a contact's property, or of how often an
//! event happened) under *and* and *or*. It can be read from JSON, asked whether it holds for a
//! user's [`Facts`] at an instant, and asked when that changes if nothing else happens.
//!
//! # The map
//!
//! * `legs`: the kinds of legs, each with everything about it in one module, behind one contract.
//! * `tree`: *and*, *or* and negation, and the one rule by which truths are combined, forwards in time
//!   and backwards.
//! * `verdict`: truth from now on. `since`: truth in the past. `effect`: what one more occurrence
//!   does. `scope`: whom criteria are about. `never`: criteria that nobody can match.
//! * `needs` and `numbers`: the reading plan. `facts`: what was read by it; `total`: what is kept instead. `filter` and `path`: what is
//!   asked of single events, and where in a document.
//! * `parse`, `canonical`, `explain`, `words`, `hints`, `paths`: from text and to text. What is said
//!   there of a single leg is in its own module.
//! * `stored`: a document whose lists were read before the rest of it.
//! * `value`, `list`, `json`, `duration`, `zones`: what documents are made of.
//!
//! # What the clock has no part in
//!
//! Whatever decides about a single occurrence for good (a filter, an absolute end, the name among
//! several) makes another *series*, and reading applies it: legs see instants, and whether each passes
//! what is asked of the one that is picked. The scope goes by names alone, so a plain series of each event
//! is in the plan, too. Occurrences enter a range with two ends as well as leave it; so the plan asks for
//! everything since its far edge, and `Series` says how far back it goes.
//!
//! # Where more of the language would go
//!
//! What the language may learn next, and what it would touch, so that it is not spread again:
//!
//! * *Several steps in order* read their series together, and look for a chain of them.
//! * *More tests of a value* are variants of `PropertyTest`, which does not know whose value it is.
//! * *Dates* are a kind of leg that is about a property and has steps; where there are endlessly
//!   many, its `hold` ends at a horizon, which may be too early, and the clock looks again.
//!
//! Evaluation never asks for more than the plan, which is made for the present: only the walk back
//! through the past, and looking for the last flip, read in rounds, because how far they go nobody knows
//! before.

mod canonical;
mod duration;
mod effect;
mod explain;
mod facts;
mod filter;
mod fold;
mod forget;
mod hints;
mod json;
mod legs;
mod list;
mod measured;
mod moment;
mod needs;
mod never;
mod numbers;
mod parse;
mod path;
mod paths;
mod scope;
mod since;
mod stored;
mod telling;
mod total;
mod tree;
mod value;
mod verdict;
pub mod words;
mod zones;

pub use effect::{Effect, Onset, Order};
pub use explain::{EXPLAIN_DEPTH, Explanation, Finding, Outline, Precision};
pub use facts::{Facts, Membership, Series};
pub use filter::{Document, EventRow, Field, Filter};
pub use forget::Lasting;
pub use legs::Leg;
pub use legs::bucket::BucketLeg;
pub use legs::compare::CompareLeg;
pub use legs::date::{DateLeg, DateTest, Days, Zone};
pub use legs::event::{
    BetweenLeg, Comparison, CountBound, EventCheck, EventLeg, Measure, MeasureLeg, Pick, PickedLeg,
    Side, Window,
};
pub use legs::everyone::EveryoneLeg;
pub use legs::property::{Folded, MAX_PATTERN, Pattern, PropertyLeg, PropertyTest};
pub use legs::sample::SampleLeg;
pub use legs::sequence::{SequenceLeg, Step as SequenceStep};
pub use list::{List, MAX_LIST, Values};
pub use measured::{Measured, Taken};
pub use moment::{Beside, Moment, Unit};
pub use needs::{Enough, Said, SeriesNeed, SeriesOf};
pub use never::Never;
pub use numbers::{InnerNo, PropertyNo, SeriesNo};
pub use path::{Path, Step};
pub use scope::Scope;
pub use since::Unread;
pub use stored::Stored;
pub use telling::{Telling, ValueKey};
pub use total::Total;
pub use tree::{Condition, Junction};
pub use value::{PropertyValue, Scalar};
pub use verdict::{HORIZON, PATIENCE, Verdict};
pub use zones::{NoZones, Zones};

use crate::time::Instant;
use needs::Needs;

/// How many composites and negations may stand inside each other.
pub const MAX_DEPTH: usize = 32;
/// How many legs one document may have.
pub const MAX_LEGS: usize = 256;
/// How many bytes the name of an event may have: what fits into an index row beside its user.
pub const MAX_EVENT_NAME: usize = 500;
/// How many events one leg may name.
pub const MAX_EVENT_NAMES: usize = 20;
/// How many problems are reported before reading stops.
pub const MAX_PROBLEMS: usize = 100;
/// Counts beyond this are taken for this: nobody gets there, and ranks stay far from overflow.
pub const MAX_COUNT: u64 = (i64::MAX / 4) as u64;

/// A valid criteria document, compiled: the tree, what it needs to know about a user, and whom it is
/// about.
#[derive(Clone, Debug)]
pub struct Criteria {
    root: Condition,
    needs: Needs,
    scope: Scope,
    holds_without_any: bool,
    implies_scope: bool,
    takes_members_only: bool,
    is_endless: bool,
}

impl Criteria {
    fn new(root: Condition, needs: Needs) -> Criteria {
        let mut scope = Scope::Involved;
        root.legs(&mut |leg| scope = scope.max(leg.scope()));
        let holds_without_any = scope::holds_without_any(&root, scope);
        let implies_scope = scope::is_implied(&root, true);
        let takes_members_only = scope::takes_members_only(&root, true);
        let is_endless = verdict::is_endless(&root);
        Criteria {
            root,
            needs,
            scope,
            holds_without_any,
            implies_scope,
            takes_members_only,
            is_endless,
        }
    }

    /// Reads and checks a JSON document, in which there is no zone but UTC.
    ///
    /// # Errors
    ///
    /// See [`Criteria::parse_in`].
    pub fn parse(json: &str) -> Result<Criteria, Vec<Problem>> {
        Criteria::parse_in(json, &zones::NoZones)
    }

    /// Reads and checks a JSON document, with the zones that there are. Dates are read once and for
    /// good: criteria hold the instants at which the days begin.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, in the order of the text, at most [`MAX_PROBLEMS`];
    /// never an empty list. No text makes it panic, however deep or long.
    pub fn parse_in(json: &str, zones: &dyn Zones) -> Result<Criteria, Vec<Problem>> {
        parse::document(json, zones)
    }

    /// Reads a document that has been found to be good: what takes long to check is taken for right.
    ///
    /// # Errors
    ///
    /// The same. What is said of a list that was taken out of its text may be wrong.
    pub fn parse_stored(stored: Stored, zones: &dyn Zones) -> Result<Criteria, Vec<Problem>> {
        parse::stored(stored, zones)
    }

    /// The tree.
    pub fn root(&self) -> &Condition {
        &self.root
    }

    /// Whether the clock changes some of them again and again, without an end: every year, say.
    pub fn is_endless(&self) -> bool {
        self.is_endless
    }

    /// Whom the criteria are about at all.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The numbers of the series, in the order of [`Criteria::series`].
    pub fn series_numbers(&self) -> impl Iterator<Item = SeriesNo> + use<> {
        (0..self.series().len()).map(SeriesNo::new)
    }

    /// The distinct series in the order of their first use, and which occurrences of each the
    /// truth can depend on. A [`SeriesNo`] stands for one of them.
    pub fn series(&self) -> &[SeriesNeed] {
        &self.needs.series
    }

    /// How many of the series, from the first on, must be read to see who matches, until when and since when.
    /// Where whoever matches has done what is counted, and so is in scope, nothing more is read to learn that; only
    /// to explain it.
    pub fn series_to_read(&self) -> usize {
        match self.implies_scope {
            true => self.needs.counted,
            false => self.needs.series.len(),
        }
    }

    /// The different names of the events that the criteria are about, in the order of their first use.
    pub fn events(&self) -> Vec<&str> {
        self.needs.events()
    }

    /// The distinct paths into the contact's properties in the order of their first use. A
    /// [`PropertyNo`] stands for one of them.
    pub fn properties(&self) -> &[Path] {
        &self.needs.properties
    }

    /// The ids of the distinct buckets whose members the criteria are about, in the order of their first use. An
    /// [`InnerNo`] stands for one of them.
    pub fn buckets(&self) -> &[String] {
        &self.needs.buckets
    }

    /// The numbers of [`Criteria::buckets`], in that order.
    pub fn bucket_numbers(&self) -> impl Iterator<Item = InnerNo> + use<> {
        self.needs.inner_numbers()
    }

    /// For each of [`Criteria::buckets`] where it is named first, as a JSON path.
    pub fn bucket_paths(&self) -> Vec<(String, &str)> {
        paths::of_buckets(self)
    }

    /// Whether nobody can match who is in none of [`Criteria::buckets`]: so that nobody begins to match by no more
    /// than becoming known.
    pub fn takes_members_only(&self) -> bool {
        self.takes_members_only
    }

    /// The truth at `now`, and when to look again if nothing but the clock moves.
    ///
    /// Out of scope the truth is false and never flips. Asks `facts` only for the ranks listed in
    /// [`Criteria::series`]. Allocates nothing, but where lists are compared with numbers or arrays.
    pub fn evaluate<F: Facts + ?Sized>(&self, facts: &F, now: Instant) -> Verdict {
        verdict::evaluate(self, facts, now, PATIENCE)
    }

    /// The same with another patience than [`PATIENCE`]: so many steps ahead are looked at. The truth is
    /// the same with any.
    pub fn evaluate_with_patience<F: Facts + ?Sized>(
        &self,
        facts: &F,
        now: Instant,
        patience: usize,
    ) -> Verdict {
        verdict::evaluate(self, facts, now, patience)
    }

    /// The last instant in (`after`, `until`] at which the clock alone changed the truth, given
    /// these facts throughout; `None` if it did not, or out of scope. Allocates nothing.
    ///
    /// # Errors
    ///
    /// [`Unread`] when what was read of a series does not tell the truth from `after` on.
    pub fn last_flip<F: Facts + ?Sized>(
        &self,
        facts: &F,
        after: Instant,
        until: Instant,
    ) -> Result<Option<Instant>, Unread> {
        verdict::last_flip(self, facts, after, until)
    }

    /// The instant at which the criteria last became true, as far as is known: true at `now`
    /// and ever since that instant, and not known to be true just before it.
    ///
    /// `None` when they are not known to be true at `now`, as where a property decides: when that
    /// changed nobody knows.
    ///
    /// # Errors
    ///
    /// [`Unread`] when the answer lies further back than what was read of a series.
    pub fn true_since<F: Facts + ?Sized>(
        &self,
        facts: &F,
        now: Instant,
    ) -> Result<Option<Instant>, Unread> {
        since::true_since(self, facts, now)
    }

    /// Whether somebody can match who has done nothing that the legs count, but something that brings
    /// them into scope: an event that no filter lets through, say.
    ///
    /// Where the scope is everybody, no event brings anybody into it.
    pub fn holds_without_any(&self) -> bool {
        self.holds_without_any
    }

    /// Which occurrences may be forgotten at `now` without changing who matches then or later: all before
    /// that instant, which is infinity where the criteria ask about none.
    ///
    /// # Errors
    ///
    /// Why none may.
    pub fn forgettable_before(&self, now: Instant) -> Result<Instant, Lasting> {
        forget::before(self, now)
    }

    /// What one more occurrence can do to the truth of somebody in scope, for each of
    /// [`Criteria::series`], in that order.
    pub fn effects(&self) -> Vec<Effect> {
        let series = self.needs.series_numbers();
        series.map(|series| effect::of(self, series)).collect()
    }

    /// For each of [`Criteria::events`] where it is named first, as a JSON path.
    pub fn event_paths(&self) -> Vec<(String, &str)> {
        paths::of_events(self)
    }

    /// The numbers of [`Criteria::properties`], in that order.
    pub fn property_numbers(&self) -> impl Iterator<Item = PropertyNo> + use<> {
        self.needs.property_numbers()
    }

    /// Where a top-level property is named first, as a JSON path; `None` if nowhere.
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
    /// window is written, have the same. Parsing it gives the same criteria again. In the place of a
    /// date it has the instant at which the day begins, and so no zone any more.
    pub fn canonical(&self) -> String {
        canonical::write(&self.root, &self.needs)
    }
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
