//! The rows of one event, as they come: which of them are in a series, and when enough has come.

use std::collections::HashSet;

use hogsend_core::criteria::{Enough, EventRow, Filter, SeriesOf};
use hogsend_core::time::Instant;

use super::Occurrence;
use super::each::Tell;
use crate::pg::zones::ServerZones;
use crate::store::facts::question::just_after;
use crate::store::facts::{DENSE, Question};
use crate::store::totals::are_worth_keeping;

/// The rows of one event of one question, as they come.
pub(super) struct Reading<'q> {
    pub user: &'q str,
    pub event: &'q str,
    pub of: &'q SeriesOf,
    without: &'q [i64],
    /// What is not met yet, each with how many have counted.
    open: Vec<(Enough, u64)>,
    now: Instant,
    pub found: Vec<Occurrence>,
    /// The instant of the last row that came.
    pub last: Option<Instant>,
    /// The ids of all of that instant, where they may come once more.
    pub came: HashSet<i64>,
    /// Whatever happened at or after this has come; `None`: everything.
    pub from: Option<Instant>,
    /// No more is wanted.
    pub is_done: bool,
    /// How many rows have come.
    pub visited: usize,
    /// Once that are many all are wanted.
    adds_up: bool,
    /// Who is told of each row, and as what.
    pub tell: Option<(usize, Tell<'q>)>,
}

impl<'q> Reading<'q> {
    pub fn new(
        question: &'q Question,
        event: &'q str,
        without: &'q [i64],
        now: Instant,
    ) -> Reading<'q> {
        let ask = &question.ask;
        let is_near = |rank: &&u64| **rank <= DENSE || !question.of.is_plain();
        let ranks = ask.ranks.iter().filter(is_near).max();
        let ranks = ranks.map(|rank| Enough::count(*rank));
        let mut open: Vec<Enough> = ranks
            .into_iter()
            .chain(ask.enough.iter().copied())
            .collect();
        if open.is_empty() {
            // The first is all that is asked for; whether there is any must be known.
            open.push(Enough::count(1));
        }
        Reading {
            without,
            open: open.into_iter().map(|enough| (enough, 0)).collect(),
            now,
            adds_up: question.adds_up,
            ..Reading::until(question.user, event, question.of, Enough::count(1))
        }
    }

    /// One that ends when that is met, for which the present instant does not matter.
    pub fn until(user: &'q str, event: &'q str, of: &'q SeriesOf, enough: Enough) -> Reading<'q> {
        Reading {
            user,
            event,
            of,
            without: &[],
            open: vec![(enough, 0)],
            now: Instant::NEG_INFINITY,
            found: Vec::new(),
            last: None,
            came: HashSet::new(),
            from: None,
            is_done: false,
            visited: 0,
            adds_up: false,
            tell: None,
        }
    }

    /// One that ends with the first instant, wherever it begins.
    pub fn of_first(question: &'q Question, event: &'q str, without: &'q [i64]) -> Reading<'q> {
        Reading {
            open: vec![(Enough::count(1), 0)],
            adds_up: false,
            ..Reading::new(question, event, without, Instant::NEG_INFINITY)
        }
    }

    /// Takes the next row; false when no more is wanted. Of those of one instant all are taken, so that
    /// which of them is first or last does not depend on where they lie.
    pub fn take(&mut self, at: Instant, id: i64, row: &impl EventRow) -> bool {
        if self.of.since.is_some_and(|since| at < since) {
            self.is_done = true;
            return false;
        }
        let now = self.now;
        self.open
            .retain(|(enough, count)| !enough.is_met(at, *count, now));
        let goes_on = self.adds_up && are_worth_keeping(self.visited);
        if self.open.is_empty() && self.last != Some(at) && !goes_on {
            self.from = Some(just_after(at));
            self.is_done = true;
            return false;
        }
        self.last = Some(at);
        self.visited += 1;
        self.tell(at, row);
        let passes = |filter: &Filter| filter.passes(row, &ServerZones);
        let is_in = self.of.filter.as_deref().is_none_or(passes);
        if is_in && !self.without.contains(&id) {
            let said = self.of.said(at, row, &ServerZones);
            self.found.push(Occurrence { at, id, said });
            for (enough, count) in &mut self.open {
                *count += u64::from(enough.counts(at, now));
            }
        }
        true
    }
}
