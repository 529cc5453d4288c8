//! What is asked of a series, and what was found.

use hogsend_core::criteria::{Enough, Series, SeriesNeed, SeriesOf, Taken, Total};
use hogsend_core::time::Instant;

use crate::store::totals::are_worth_keeping;

/// The latest occurrences of one series for one user.
#[derive(Clone)]
pub struct Occurrences {
    /// Ranks 1, 2, 3 …: latest first.
    pub dense: Vec<Instant>,
    /// For each of them whether it passes what the series marks; where it marks nothing each does.
    pub marks: Vec<bool>,
    /// And what was taken of it.
    pub values: Vec<Taken>,
    /// And its id, where something was taken of any.
    pub ids: Vec<i64>,
    /// Whatever happened at or after this is among them.
    pub from: Instant,
    /// Single ones from further back, by rank.
    pub sparse: Vec<(u64, Instant)>,
    /// Single ones counted from the first, by rank; `None` when there are fewer.
    pub first: Vec<(u64, Option<Instant>)>,
    /// The very first and its mark, where that was asked for.
    pub oldest: Option<(Instant, bool)>,
    /// How many events were looked at to find them, where their rows were read.
    pub visited: usize,
}

impl Default for Occurrences {
    /// None, ever.
    fn default() -> Occurrences {
        Occurrences {
            dense: Vec::new(),
            marks: Vec::new(),
            values: Vec::new(),
            ids: Vec::new(),
            from: Instant::NEG_INFINITY,
            sparse: Vec::new(),
            first: Vec::new(),
            oldest: None,
            visited: 0,
        }
    }
}

/// From where on all is known, if nothing at or before that instant is. Of what happened at minus infinity
/// there may be more, so that is not where everything begins.
pub(super) fn just_after(at: Instant) -> Instant {
    Instant(at.0.saturating_add(1))
}

impl Occurrences {
    /// The latest ones, of which there were asked so many.
    pub(super) fn of_latest(dense: Vec<Instant>, depth: usize) -> Occurrences {
        let from = match dense.last() {
            Some(last) if dense.len() >= depth => just_after(*last),
            _ => Instant::NEG_INFINITY,
        };
        Occurrences {
            dense,
            from,
            ..Occurrences::default()
        }
    }

    /// Takes the latest ones, of which so many were read, in the place of those that were known.
    pub fn deepen(&mut self, latest: Vec<Instant>, depth: usize) {
        let deeper = Occurrences::of_latest(latest, depth);
        self.dense = deeper.dense;
        self.from = deeper.from;
    }

    /// Of none is known whether there is any.
    pub fn unread() -> Occurrences {
        Occurrences {
            from: Instant::INFINITY,
            ..Occurrences::default()
        }
    }

    /// What they come to, if that is all of them, it took long to look at them, and it can be kept.
    pub fn total(&self, of: &SeriesOf) -> Option<Total> {
        let took_long = self.is_complete() && are_worth_keeping(self.visited);
        let total = took_long.then(|| self.add_up(of));
        total.filter(Total::can_be_kept)
    }

    /// What they come to.
    pub fn add_up(&self, of: &SeriesOf) -> Total {
        let is_measured = of.measured.is_some();
        let mut total = Total::default();
        for (place, at) in self.dense.iter().enumerate() {
            total.add(*at, self.values.get(place).unwrap_or(&None), is_measured);
        }
        total
    }

    /// There are no more than those.
    pub fn is_complete(&self) -> bool {
        self.from == Instant::NEG_INFINITY
    }

    /// As the evaluator reads them.
    pub fn series(&self) -> Series<'_> {
        Series {
            latest: &self.dense,
            marks: &self.marks,
            values: &self.values,
            ids: &self.ids,
            from: self.from,
            further: &self.sparse,
            first: &self.first,
            oldest: self.oldest,
        }
    }
}

/// How much is asked of a series.
#[derive(Clone, Default)]
pub struct Ask {
    /// Single occurrences, by rank.
    pub ranks: Vec<u64>,
    /// All of them, until each of these is met.
    pub enough: Vec<Enough>,
    /// The very first.
    pub oldest: bool,
}

impl Ask {
    pub fn of(need: &SeriesNeed) -> Ask {
        let mut ask = Ask::default();
        ask.add(need);
        ask
    }

    /// Asks for that besides.
    pub fn add(&mut self, need: &SeriesNeed) {
        self.ranks.extend(&need.ranks);
        for enough in &need.enough {
            if !self.enough.contains(enough) {
                self.enough.push(*enough);
            }
        }
        self.oldest |= need.oldest;
    }

    /// The same where it is known what all of them come to.
    pub fn add_beside_total(&mut self, need: &SeriesNeed) {
        self.ranks.extend(&need.ranks);
        for enough in &need.beside_total {
            if !self.enough.contains(enough) {
                self.enough.push(*enough);
            }
        }
        self.oldest |= need.oldest;
    }

    /// Nothing is asked.
    pub fn is_nothing(&self) -> bool {
        self.ranks.is_empty() && self.is_by_rank()
    }

    /// Whether instants by their ranks answer it.
    fn is_by_rank(&self) -> bool {
        self.enough.is_empty() && !self.oldest
    }
}

/// Whether instants alone are asked for, of one event, by their ranks: what the index tells.
pub fn is_by_rank(need: &SeriesNeed) -> bool {
    need.of.is_plain() && need.enough.is_empty() && !need.oldest
}

/// A question: which occurrences of a series of a user.
pub struct Question<'a> {
    pub user: &'a str,
    pub of: &'a SeriesOf,
    pub ask: Ask,
    /// What all of them come to is to be kept: where it takes long to find enough, all are read.
    pub adds_up: bool,
}

impl<'a> Question<'a> {
    pub(super) fn is_plain(&self) -> bool {
        self.of.is_plain() && self.ask.is_by_rank()
    }

    /// The event of a series that is all of one.
    pub(super) fn event(&self) -> &'a str {
        self.of.events.first().map_or("", String::as_str)
    }
}
