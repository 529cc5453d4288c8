//! Legs about a share of all users, drawn by lot.
//!
//! The lot is a hash of the user's id, so it needs no storing, is the same in every installation, and
//! another salt draws anew. It is compared as a whole number of 64 bits: how many of those a percentage
//! is, is found out when the leg is read, so that no digit of it is lost.

use super::{Leg, LegForm, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::Effect;
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::Facts;
use crate::criteria::hints::{cut, quote};
use crate::criteria::json::{self, Kind};
use crate::criteria::needs::Needs;
use crate::criteria::numbers::SeriesNo;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::Verdict;
use crate::criteria::words;
use crate::decimal::Decimal;
use crate::sha256;
use crate::time::Instant;

/// A leg about a share of all users.
#[derive(Clone, Debug)]
pub struct SampleLeg {
    /// Users have another number with another one.
    pub salt: String,
    /// In percent: where it begins, and where it ends, which is not included. Apart, because legs are
    /// to be small.
    pub percent: Box<(Decimal, Decimal)>,
    /// The lots, the last one included; `None`: so small a share that none is in it.
    lots: Option<(u64, u64)>,
}

/// All lots together are so many percent.
const WHOLE: u64 = 100;

impl LegForm for SampleLeg {
    fn read<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<SampleLeg> {
        walk.check_keys(node, Self::TYPE, &["type", "salt", "from", "to"]);
        let salt = match node.field("salt") {
            Some(raw) => walk.string_field("salt", raw),
            None => {
                walk.problem(
                    node.at,
                    "a sample needs \"salt\"",
                    "add \"salt\": a text of your own, and another one for another sample",
                );
                None
            }
        };
        let from = walk.percentage(node, "from");
        let to = walk.percentage(node, "to");
        let (from, to) = (from?, to?);
        if from >= to {
            let at = node.field("to").map_or(node.at, |raw| walk.offset(raw));
            walk.problem_in(
                "to",
                at,
                "the sample is empty: \"to\" is not more than \"from\"",
                "give \"to\" a larger number than \"from\"; it is not in the sample itself",
            );
            return None;
        }
        let last = lots_below(&to).checked_sub(1);
        let first = u64::try_from(lots_below(&from)).ok();
        let last = last.and_then(|last| u64::try_from(last).ok());
        Some(SampleLeg {
            lots: first.zip(last).filter(|(first, last)| first <= last),
            salt: salt?,
            percent: Box::new((from, to)),
        })
    }

    fn is_negation(_: &Node, _: bool) -> bool {
        false
    }
}

impl LegKind for SampleLeg {
    const TYPE: &'static str = "sample";
    const TELLTALE: &'static str = "salt";

    fn write(&self, _: &Needs, into: &mut Writer) {
        into.text("salt", &self.salt);
        into.raw("from", &self.percent.0);
        into.raw("to", &self.percent.1);
    }

    #[inline(never)]
    fn hold<F: Facts + ?Sized>(&self, facts: &F, _: Instant) -> Hold {
        Hold::for_good(self.has(self.lot(facts.user())))
    }

    fn held<F: Facts + ?Sized>(
        &self,
        facts: &F,
        _: Instant,
        _: Instant,
    ) -> Result<Held, TooShallow> {
        Ok(Held {
            truth: Some(self.has(self.lot(facts.user()))),
            since: ALWAYS,
        })
    }

    fn reaches<F: Facts + ?Sized>(&self, _: &Needs, _: &F, _: Instant) -> bool {
        true
    }

    fn effect(&self, _: SeriesNo) -> Effect {
        Effect::NONE
    }

    fn scope(&self) -> Scope {
        Scope::Everybody
    }

    /// Ranges of which each two have something in common have something in common altogether.
    fn agrees(&self, asked: &[&Leg]) -> bool {
        let Some((first, last)) = self.lots else {
            return false;
        };
        asked.iter().all(|leg| match leg {
            Leg::Sample(other) if other.salt == self.salt => {
                let lots = other.lots;
                lots.is_some_and(|(from, to)| from <= last && first <= to)
            }
            _ => true,
        })
    }

    fn is_always(&self) -> bool {
        self.lots == Some((0, u64::MAX))
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn words(&self, _: &Needs) -> String {
        let salt = quote(&self.salt);
        let (from, to) = (
            words::number(&self.percent.0),
            words::number(&self.percent.1),
        );
        format!("in the sample {salt} from {from} % up to {to} %")
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, _: Verdict) -> String {
        // Cut off, so that nothing is said to be at an end that it does not reach.
        let millionths = u128::from(self.lot(sight.facts.user())) * u128::from(WHOLE) * 1_000_000;
        let millionths = millionths >> u64::BITS;
        let (whole, fraction) = (millionths / 1_000_000, millionths % 1_000_000);
        format!("at {whole}.{fraction:06} %")
    }

    fn precision(&self) -> Precision {
        Precision::Minute
    }
}

impl SampleLeg {
    /// Not inlined: the hash needs room, which no other leg shall have to make.
    #[inline(never)]
    fn lot(&self, user: &str) -> u64 {
        sha256::first_word(&[self.salt.as_bytes(), b"\0", user.as_bytes()])
    }

    fn has(&self, lot: u64) -> bool {
        self.lots
            .is_some_and(|(first, last)| first <= lot && lot <= last)
    }
}

impl<'a> Walk<'a> {
    /// A number from 0 to 100 in a required field.
    fn percentage(&mut self, node: &Node<'a>, field: &str) -> Option<Decimal> {
        let hint = "give percent: a number from 0 to 100";
        let Some(raw) = node.field(field) else {
            self.problem(node.at, format!("a sample needs {}", quote(field)), hint);
            return None;
        };
        let at = self.offset(raw);
        let kind = json::kind(raw.get());
        if kind != Some(Kind::Number) {
            let found = kind.map_or("not JSON", Kind::in_words);
            let message = format!("{} is {found} and must be a number", quote(field));
            self.problem_in(field, at, message, hint);
            return None;
        }
        let number = self.decimal(field, raw)?;
        if number.is_negative() || number > Decimal::whole(WHOLE) {
            let message = format!("{} is outside 0 to 100: {}", quote(field), cut(raw.get()));
            self.problem_in(field, at, message, hint);
            return None;
        }
        Some(number)
    }
}

/// How many lots, of 2^64, are below a percentage.
fn lots_below(percentage: &Decimal) -> u128 {
    let half: u64 = 1 << 32;
    let wanted = percentage.times(half).times(half);
    let (mut low, mut high) = (0u128, 1 << u64::BITS);
    while low < high {
        let middle = (low + high) / 2;
        let reached = u64::try_from(middle).map(|lot| Decimal::whole(lot).times(WHOLE));
        if reached.is_ok_and(|reached| reached < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
