//! Legs about the first or the last occurrence.

use super::{counts, enters_at, leaves_at, observed, write_absolute};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::{Effect, Order};
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::{Facts, Series};
use crate::criteria::legs::{Leg, LegKind, Subject};
use crate::criteria::needs::Needs;
use crate::criteria::numbers::SeriesNo;
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::Verdict;
use crate::time::{Instant, Span};

/// Which occurrence is looked at; of the same instant ids decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The earliest, of the same instant the one with the least id.
    First,
    /// The latest, of the same instant the one with the greatest id.
    Last,
}

/// A leg about the first or the last occurrence.
#[derive(Clone, Debug)]
pub struct PickedLeg {
    /// The occurrences of which one is looked at.
    pub series: SeriesNo,
    /// Which one.
    pub pick: Pick,
    /// Whether that one must be as is said, or must not be. There being none is to be otherwise.
    pub exists: bool,
    /// It is at most this old.
    pub within: Option<Span>,
    /// It is older than this.
    pub older: Option<Span>,
    /// It happened then or later.
    pub since: Option<Instant>,
    /// It happened before this.
    pub until: Option<Instant>,
}

/// An occurrence, and whether it passes what the series marks.
type Occurrence = (Instant, bool);

/// Of the latest one that was read, the one at that place.
fn at_place(series: Series<'_>, place: usize) -> Option<Occurrence> {
    let occurred_at = *series.latest.get(place)?;
    let mark = series.marks.get(place).copied();
    Some((occurred_at, mark.unwrap_or(true)))
}

impl PickedLeg {
    pub(super) fn picked(&self, series: Series<'_>) -> Option<Occurrence> {
        match self.pick {
            Pick::First => series.oldest,
            Pick::Last => at_place(series, 0),
        }
    }

    /// From when until when an occurrence is as is said, the end not included; `None` if never.
    pub(super) fn inside(&self, (occurred_at, mark): Occurrence) -> Option<(Instant, Instant)> {
        let is_after = self.since.is_none_or(|since| occurred_at >= since);
        let is_before = self.until.is_none_or(|until| occurred_at < until);
        if !(mark && is_after && is_before) {
            return None;
        }
        let enters = self
            .older
            .map_or(ALWAYS, |older| enters_at(occurred_at, older));
        let leaves = leaves_at(Some(occurred_at), self.within).unwrap_or(Instant::INFINITY);
        (enters < leaves).then_some((enters, leaves))
    }

    /// The occurrence that was the picked one at an instant of the past, and since when.
    fn picked_at(
        &self,
        series: Series<'_>,
        at: Instant,
        now: Instant,
    ) -> Result<(Option<Occurrence>, Instant), TooShallow> {
        let arrival = |(occurred_at, _): Occurrence| occurred_at.min(now);
        let picked = match self.pick {
            Pick::First => series.oldest.filter(|oldest| arrival(*oldest) <= at),
            Pick::Last => {
                let place = series.latest.partition_point(|o| (*o).min(now) > at);
                let picked = at_place(series, place);
                if picked.is_none() && !series.is_complete() {
                    return Err(TooShallow);
                }
                picked
            }
        };
        Ok((picked, picked.map_or(ALWAYS, arrival)))
    }
}

impl LegKind for PickedLeg {
    const TYPE: &'static str = super::EventLeg::TYPE;
    const TELLTALE: &'static str = super::EventLeg::TELLTALE;

    fn write(&self, needs: &Needs, into: &mut Writer) {
        let of = needs.of(self.series);
        into.texts("eventName", of.map_or(&[], |of| &of.events));
        into.text("check", if self.exists { "exists" } else { "not_exists" });
        for (field, span) in [("within", self.within), ("olderThan", self.older)] {
            if let Some(span) = span {
                into.span(field, span);
            }
        }
        write_absolute(self.since, self.until, into);
        if let Some(filter) = of.and_then(|of| of.filter.as_ref()) {
            into.raw("where", filter.text());
        }
        let pick = match self.pick {
            Pick::First => "first",
            Pick::Last => "last",
        };
        into.text("pick", pick);
        if let Some(marking) = of.and_then(|of| of.marking.as_ref()) {
            into.raw("having", marking.text());
        }
    }

    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        let picked = self.picked(facts.series(self.series));
        match picked.and_then(|picked| self.inside(picked)) {
            Some((enters, _)) if at < enters => Hold {
                truth: !self.exists,
                edge: enters,
            },
            Some((_, leaves)) if counts(leaves, at) => Hold {
                truth: self.exists,
                edge: leaves,
            },
            _ => Hold::for_good(!self.exists),
        }
    }

    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow> {
        let (picked, since) = self.picked_at(facts.series(self.series), at, now)?;
        let (is_inside, since) = match picked.and_then(|picked| self.inside(picked)) {
            None => (false, since),
            Some((enters, _)) if at < enters => (false, since),
            Some((enters, leaves)) if counts(leaves, at) => (true, since.max(enters)),
            Some((_, leaves)) => (false, since.max(leaves)),
        };
        Ok(Held {
            truth: Some(is_inside == self.exists),
            since,
        })
    }

    fn reaches<F: Facts + ?Sized>(&self, _: &Needs, _: &F, _: Instant) -> bool {
        true
    }

    fn effect(&self, series: SeriesNo) -> Effect {
        if series != self.series {
            return Effect::NONE;
        }
        // It takes the place of another one.
        Effect::at_once(Order::Either)
    }

    fn scope(&self) -> Scope {
        Scope::Involved
    }

    fn agrees(&self, _: &[&Leg]) -> bool {
        true
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::Series(self.series)
    }

    fn words(&self, needs: &Needs) -> String {
        observed::asked_picked(self, needs)
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, verdict: Verdict) -> String {
        observed::found_picked(self, sight, verdict)
    }

    fn precision(&self) -> Precision {
        let lengths = [self.within, self.older].into_iter().flatten();
        let finest = lengths.map(Precision::beside).max();
        finest.unwrap_or(Precision::Minute)
    }
}
