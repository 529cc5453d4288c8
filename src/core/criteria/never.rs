//! Criteria that nobody can match.
//!
//! Only what is certain: a way in which all could be true at once is looked for, and where none is
//! left, nobody matches. Among what an *and* asks of one event or one property, the answer is exact but
//! for properties that must contain several things.

use super::Criteria;
use super::legs::Leg;
use super::numbers::SeriesNo;
use super::scope::Scope;
use super::tree::{Condition, Junction};

/// How many legs are tried before the answer is that somebody may match. Each *or* in an *and*
/// multiplies the ways.
const PATIENCE: usize = 5_000;

/// Why nobody can match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// What they ask for excludes itself.
    Contradiction,
    /// They ask that something is not that is so of everybody.
    NotEveryone,
    /// They could be true only of somebody whom they are not about.
    OutOfScope,
}

pub(super) fn of(criteria: &Criteria) -> Option<Never> {
    let is_possible = |in_scope: bool, knows_always: bool| {
        let mut search = Search {
            criteria,
            in_scope,
            knows_always,
            asked: Vec::new(),
            patience: PATIENCE,
        };
        let mut all = Vec::new();
        flatten((&criteria.root, true), Junction::And, &mut all);
        search.is_possible(&all)
    };
    if !is_possible(false, false) {
        Some(Never::Contradiction)
    } else if !is_possible(false, true) {
        Some(Never::NotEveryone)
    } else if !is_possible(true, true) {
        Some(Never::OutOfScope)
    } else {
        None
    }
}

/// A condition, and what it is asked to be.
type Asked<'c> = (&'c Condition, bool);

/// How a composite combines what its parts are asked to be; `None` for what has no parts.
fn junction((condition, asked): Asked) -> Option<Junction> {
    match condition {
        Condition::Composite { operator, .. } if asked => Some(*operator),
        Condition::Composite { operator, .. } => Some(operator.dual()),
        _ => None,
    }
}

/// The conditions of a composite and of those inside it that mean the same as if theirs stood in it.
fn flatten<'c>((condition, asked): Asked<'c>, of: Junction, into: &mut Vec<Asked<'c>>) {
    match condition {
        Condition::Not(inner) => flatten((inner, !asked), of, into),
        Condition::Composite { conditions, .. }
            if junction((condition, asked)) == Some(of) || conditions.len() == 1 =>
        {
            for part in conditions {
                flatten((part, asked), of, into);
            }
        }
        other => into.push((other, asked)),
    }
}

/// One way through the tree: a branch of each *or*, and what all of it asks together.
struct Search<'c> {
    criteria: &'c Criteria,
    /// Whether somebody must be in scope as well.
    in_scope: bool,
    /// Whether what is so of everybody cannot be otherwise.
    knows_always: bool,
    /// Legs that must be true.
    asked: Vec<&'c Leg>,
    patience: usize,
}

impl<'c> Search<'c> {
    /// Whether all of these can be true at once, besides what is asked already. The recursion is as
    /// deep as there are *or*s.
    fn is_possible(&mut self, all: &[Asked<'c>]) -> bool {
        let before = self.asked.len();
        let mut choices = Vec::new();
        let mut agree = true;
        for (condition, asked) in all {
            match condition {
                Condition::Leg(leg) => agree = agree && self.ask(leg, *asked),
                _ => choices.push((*condition, *asked)),
            }
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
        self.asked.truncate(before);
        is_possible
    }

    /// Asks for one more; whether it agrees with what was asked before, as far as is known. What a leg
    /// excludes that must be false is not known, but of one that is true of everybody.
    fn ask(&mut self, leg: &'c Leg, asked: bool) -> bool {
        self.patience = self.patience.saturating_sub(1);
        if asked {
            self.asked.push(leg);
        }
        match asked {
            _ if self.patience == 0 => true,
            true => leg.agrees(&self.asked),
            false => !(self.knows_always && leg.is_always()),
        }
    }

    /// Whether one who does what is asked may have done one of the events at all, or needs not.
    fn is_about_somebody(&self) -> bool {
        let is_ruled_out = |series: SeriesNo| self.asked.iter().any(|leg| leg.rules_out(series));
        let mut series = self.criteria.needs.plain_numbers();
        self.criteria.scope == Scope::Everybody || series.any(|series| !is_ruled_out(series))
    }
}
