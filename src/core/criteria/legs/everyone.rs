//! The leg about nobody in particular: it holds of every contact, and brings every one into scope.

use super::{Leg, LegForm, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::Effect;
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::Facts;
use crate::criteria::needs::Needs;
use crate::criteria::numbers::SeriesNo;
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::Verdict;
use crate::time::Instant;

/// A leg that always holds.
#[derive(Clone, Debug)]
pub struct EveryoneLeg;

impl LegForm for EveryoneLeg {
    fn read<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<EveryoneLeg> {
        walk.check_keys(node, Self::TYPE, &["type"]);
        Some(EveryoneLeg)
    }

    fn is_negation(_: &Node, _: bool) -> bool {
        false
    }
}

impl LegKind for EveryoneLeg {
    const TYPE: &'static str = "everyone";
    const TELLTALE: &'static str = "everyone";

    fn write(&self, _: &Needs, _: &mut Writer) {}

    #[inline]
    fn hold<F: Facts + ?Sized>(&self, _: &F, _: Instant) -> Hold {
        Hold::for_good(true)
    }

    fn held<F: Facts + ?Sized>(&self, _: &F, _: Instant, _: Instant) -> Result<Held, TooShallow> {
        Ok(Held {
            truth: Some(true),
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

    fn agrees(&self, _: &[&Leg]) -> bool {
        true
    }

    fn is_always(&self) -> bool {
        true
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn words(&self, _: &Needs) -> String {
        "everyone".into()
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, _: Verdict) -> String {
        match sight.facts.live_contact() {
            true => "a live contact".into(),
            false => "no live contact".into(),
        }
    }

    fn precision(&self) -> Precision {
        Precision::Minute
    }
}
