//! Legs that compare two measures with each other: "fewer than half the logins of the month before".
//!
//! Both are measured as by themselves ([`Side`]), and one walk goes on to whatever enters or leaves either
//! range next.

mod read;

use super::event::measure::{Side, State};
use super::{Leg, LegForm, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::{Effect, Order};
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::Facts;
use crate::criteria::legs::event::Comparison;
use crate::criteria::needs::Needs;
use crate::criteria::numbers::SeriesNo;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::scope::Scope;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::{END_OF_CALENDAR, Verdict};
use crate::criteria::words;
use crate::decimal::Decimal;
use crate::time::Instant;

/// A leg about two measures.
#[derive(Clone, Debug)]
pub struct CompareLeg {
    /// What is compared.
    pub left: Side,
    /// How it compares with so many times the other.
    pub operator: Comparison,
    /// The other.
    pub right: Side,
    /// How many times.
    pub factor: Decimal,
}

impl CompareLeg {
    /// What has no value on either side compares with nothing.
    fn compares(&self, left: &State, right: &State) -> bool {
        let (Some(one), Some(other)) = (left.number(), right.number()) else {
            return false;
        };
        // Nothing is divided: each is multiplied by what divides the other.
        let one = one.times(right.divisor());
        let other = other.times(left.divisor()).product(&self.factor);
        self.operator.holds(&one, &other)
    }

    fn sides(&self) -> [&Side; 2] {
        [&self.left, &self.right]
    }
}

impl LegForm for CompareLeg {
    fn read<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<CompareLeg> {
        read::leg(walk, node)
    }

    fn is_negation(_: &Node, _: bool) -> bool {
        false
    }
}

impl LegKind for CompareLeg {
    const TYPE: &'static str = "compare";
    const TELLTALE: &'static str = "left";

    fn write(&self, needs: &Needs, into: &mut Writer) {
        into.object("left", |into| self.left.write(needs, into));
        into.operator(self.operator.name());
        into.object("right", |into| self.right.write(needs, into));
        if self.factor != Decimal::whole(1) {
            into.raw("factor", &self.factor);
        }
    }

    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        let of = self.sides().map(|side| facts.series(side.series));
        let mut left = self.left.state(facts, at);
        let mut right = self.right.state(facts, at);
        let truth = self.compares(&left.0, &right.0);
        loop {
            let next = self.left.window.next(&left.1);
            let edge = next.min(self.right.window.next(&right.1));
            if edge >= END_OF_CALENDAR {
                return Hold::for_good(truth);
            }
            self.left.go(of[0], &mut left, edge);
            self.right.go(of[1], &mut right, edge);
            if self.compares(&left.0, &right.0) != truth {
                return Hold { truth, edge };
            }
        }
    }

    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        at: Instant,
        now: Instant,
    ) -> Result<Held, TooShallow> {
        let (left, of_left) = self.left.was(facts.series(self.left.series), at, now)?;
        let (right, of_right) = self.right.was(facts.series(self.right.series), at, now)?;
        Ok(Held {
            truth: Some(self.compares(&left, &right)),
            since: of_left.max(of_right),
        })
    }

    fn reaches<F: Facts + ?Sized>(&self, _: &Needs, facts: &F, at: Instant) -> bool {
        let mut sides = self.sides().into_iter();
        sides.all(|side| side.reaches(facts, at))
    }

    fn effect(&self, series: SeriesNo) -> Effect {
        let its = self
            .sides()
            .into_iter()
            .filter(|side| side.series == series);
        its.fold(Effect::NONE, |all, side| {
            all.and(Effect {
                order: Order::Either,
                from: side.onset(),
            })
        })
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
        Subject::Both(self.left.series, self.right.series)
    }

    fn words(&self, needs: &Needs) -> String {
        let said = self.sides().map(|side| match side.words(needs) {
            (measured, Some(range)) => format!("{measured} {range}"),
            (measured, None) => measured,
        });
        let [left, right] = said;
        let operator = self.operator.in_words();
        let times = if self.factor == Decimal::whole(1) {
            String::new()
        } else {
            format!("{} times ", words::number(&self.factor))
        };
        format!("{left} is {operator} {times}{right}")
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, _: Verdict) -> String {
        let found = self.sides().map(|side| {
            let (state, inside) = side.state(sight.facts, sight.now);
            side.found(&state, &inside)
        });
        let [left, right] = found;
        format!("{left}; against {right}")
    }

    fn precision(&self) -> Precision {
        self.left.precision().max(self.right.precision())
    }
}
