//! Criteria that nobody can match.
//!
//! Only what is certain: a way in which all could be true at once is looked for, and where none is
//! left, nobody matches. Among what an *and* asks of one event or one property, the answer is exact but
//! for properties that must contain several things.

use super::truth;
use super::{Condition, CountRange, Criteria, EventLeg, Junction, PropertyLeg, PropertyTest};
use super::{PropertyValue, Scalar};
use crate::time::Span;

/// How many legs are tried before the answer is that somebody may match. Each *or* in an *and*
/// multiplies the ways.
const PATIENCE: usize = 5_000;

/// Why nobody can match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// What they ask for excludes itself.
    Contradiction,
    /// They could be true only of somebody whom they are not about.
    OutOfScope,
}

pub(super) fn of(criteria: &Criteria) -> Option<Never> {
    let is_possible = |in_scope: bool| {
        let mut search = Search {
            criteria,
            in_scope,
            events: Vec::new(),
            properties: Vec::new(),
            patience: PATIENCE,
        };
        let mut all = Vec::new();
        flatten(&criteria.root, Junction::And, &mut all);
        search.is_possible(&all)
    };
    if !is_possible(false) {
        Some(Never::Contradiction)
    } else if !is_possible(true) {
        Some(Never::OutOfScope)
    } else {
        None
    }
}

/// The conditions of a composite and of those inside it that mean the same as if theirs stood in it.
fn flatten<'c>(condition: &'c Condition, of: Junction, into: &mut Vec<&'c Condition>) {
    match condition {
        Condition::Composite {
            operator,
            conditions,
        } if *operator == of || conditions.len() == 1 => {
            for condition in conditions {
                flatten(condition, of, into);
            }
        }
        other => into.push(other),
    }
}

/// One way through the tree: a branch of each *or*, and what all of it asks together.
struct Search<'c> {
    criteria: &'c Criteria,
    /// Whether somebody must be in scope as well.
    in_scope: bool,
    events: Vec<&'c EventLeg>,
    properties: Vec<&'c PropertyLeg>,
    patience: usize,
}

impl<'c> Search<'c> {
    /// Whether all of these can be true at once, besides what is asked already. The recursion is as
    /// deep as there are *or*s.
    fn is_possible(&mut self, all: &[&'c Condition]) -> bool {
        let (events, properties) = (self.events.len(), self.properties.len());
        let mut choices = Vec::new();
        let mut agree = true;
        for condition in all {
            agree = agree
                && match condition {
                    Condition::Event(leg) => self.ask_event(leg),
                    Condition::Property(leg) => self.ask_property(leg),
                    Condition::Composite { .. } => {
                        choices.push(*condition);
                        true
                    }
                };
        }
        let is_possible = agree
            && match choices.pop() {
                None => !self.in_scope || self.is_about_somebody(),
                Some(choice) => {
                    let mut branches = Vec::new();
                    flatten(choice, Junction::Or, &mut branches);
                    branches.into_iter().any(|branch| {
                        let mut all = choices.clone();
                        flatten(branch, Junction::And, &mut all);
                        self.is_possible(&all)
                    })
                }
            };
        self.events.truncate(events);
        self.properties.truncate(properties);
        is_possible
    }

    /// Asks for one more; whether it agrees with what was asked before, as far as is known.
    fn ask_event(&mut self, leg: &'c EventLeg) -> bool {
        self.events.push(leg);
        self.patience = self.patience.saturating_sub(1);
        self.patience == 0
            || leg.range.high != Some(0)
                && self
                    .events
                    .iter()
                    .filter(|other| other.event == leg.event)
                    .all(|other| !excludes(other, leg) && !excludes(leg, other))
    }

    fn ask_property(&mut self, leg: &'c PropertyLeg) -> bool {
        self.properties.push(leg);
        self.patience = self.patience.saturating_sub(1);
        let tests = self
            .properties
            .iter()
            .filter(|other| other.property == leg.property)
            .map(|other| &other.test);
        self.patience == 0 || can_pass(&tests.collect::<Vec<_>>())
    }

    /// Whether one who does what is asked may have done one of the events at all, or needs not.
    fn is_about_somebody(&self) -> bool {
        let is_never_done = |event: usize| {
            self.events
                .iter()
                .any(|leg| leg.event == event && leg.within.is_none() && leg.range.high == Some(1))
        };
        self.criteria.has_property_leg()
            || (0..self.criteria.events.len()).any(|event| !is_never_done(event))
    }
}

/// Whether as many as `more` asks for are more than `fewer` allows: whatever is inside a window is
/// inside a longer one.
fn excludes(more: &EventLeg, fewer: &EventLeg) -> bool {
    let CountRange {
        high: Some(high), ..
    } = fewer.range
    else {
        return false;
    };
    let is_longer = |long: Option<Span>, short: Option<Span>| match (long, short) {
        (None, _) => true,
        (Some(long), Some(short)) => long >= short,
        (Some(_), None) => false,
    };
    is_longer(fewer.within, more.within) && more.range.low >= high
}

/// Whether some value passes all of these tests, or may.
fn can_pass(tests: &[&PropertyTest]) -> bool {
    let passes = |value: Option<&PropertyValue>| tests.iter().all(|t| truth::passes(t, value));
    let mut least: Option<(&crate::decimal::Decimal, bool)> = None;
    let mut most = least;
    for test in tests {
        match test {
            PropertyTest::Eq(scalar) => return passes(Some(&value_of(scalar))),
            PropertyTest::NotExists => return passes(None),
            PropertyTest::Gt(than) => least = least.max(Some((than, true))),
            PropertyTest::Gte(than) => least = least.max(Some((than, false))),
            PropertyTest::Lt(than) => most = lower(most, (than, true)),
            PropertyTest::Lte(than) => most = lower(most, (than, false)),
            PropertyTest::Exists | PropertyTest::Neq(_) | PropertyTest::Contains(_) => {}
        }
    }
    let is_number = least.is_some() || most.is_some();
    let contains = |test: &&&PropertyTest| matches!(test, PropertyTest::Contains(_));
    if is_number && tests.iter().any(|test| contains(&test)) {
        return false;
    }
    match (least, most) {
        (Some((least, _)), Some((most, _))) if least > most => false,
        (Some((least, _)), Some((most, _))) if least == most => {
            passes(Some(&PropertyValue::Number(least.clone())))
        }
        _ => true,
    }
}

/// The stricter of two upper bounds; of equal ones the one that leaves the bound itself out.
fn lower<'d, T: Ord>(one: Option<(&'d T, bool)>, other: (&'d T, bool)) -> Option<(&'d T, bool)> {
    match one {
        Some(one) if (one.0, !one.1) <= (other.0, !other.1) => Some(one),
        _ => Some(other),
    }
}

fn value_of(scalar: &Scalar) -> PropertyValue {
    match scalar {
        Scalar::Bool(value) => PropertyValue::Bool(*value),
        Scalar::Number(value) => PropertyValue::Number(value.clone()),
        Scalar::String(value) => PropertyValue::String(value.clone()),
    }
}
