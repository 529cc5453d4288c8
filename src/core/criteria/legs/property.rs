//! Legs about a property of the contact.
//!
//! Its value is what is stored now, for good as far as the clock knows, and nobody wrote down what it
//! was before. What a leg asks of the value is a [`PropertyTest`], which knows nothing of whose value
//! it is.

mod folded;
mod pattern;
mod possible;
mod read;
mod value_test;

pub use folded::Folded;
pub use pattern::{MAX_PATTERN, Pattern};
pub use value_test::PropertyTest;

pub(in crate::criteria) use read::AskedOfValue;
pub(super) use read::is_negation;

use super::date::DateLeg;
use super::{Leg, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::Effect;
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::Facts;
use crate::criteria::needs::Needs;
use crate::criteria::numbers::{PropertyNo, SeriesNo};
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::path::Path;
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::verdict::Verdict;
use crate::time::Instant;

/// A leg about a property.
#[derive(Clone, Debug)]
pub struct PropertyLeg {
    /// Which one.
    pub property: PropertyNo,
    /// What must hold of its value.
    pub test: PropertyTest,
}

impl PropertyLeg {
    /// The keys of a condition on a value, whoever's it is.
    pub(in crate::criteria) const KEYS: &[&str] = &[
        "type",
        "property",
        "operator",
        "value",
        "ignoreCase",
        "zone",
        "unit",
    ];
}

/// Reads a leg about a property, whichever kind it is of.
pub(super) fn leg<'a>(walk: &mut Walk<'a>, node: &Node<'a>) -> Option<Leg> {
    walk.check_keys(node, PropertyLeg::TYPE, PropertyLeg::KEYS);
    let path = walk.path(node, "property", "a condition on a property");
    let asked = AskedOfValue::read(walk, node);
    let (path, asked) = (path?, asked?);
    let property = walk.needs.property(path);
    Some(match asked {
        AskedOfValue::Value(test) => Leg::Property(PropertyLeg { property, test }),
        AskedOfValue::Time { test, zone, unit } => Leg::Date(Box::new(DateLeg {
            property,
            test,
            zone: zone.planned(walk),
            unit,
        })),
    })
}

impl LegKind for PropertyLeg {
    const TYPE: &'static str = "property";
    const TELLTALE: &'static str = "property";

    fn write(&self, needs: &Needs, into: &mut Writer) {
        let path = needs.path(self.property).map(Path::json);
        into.raw("property", path.unwrap_or_default());
        self.test.write(into);
    }

    #[inline]
    fn hold<F: Facts + ?Sized>(&self, facts: &F, _: Instant) -> Hold {
        Hold::for_good(self.test.passes(facts.property(self.property)))
    }

    fn held<F: Facts + ?Sized>(&self, _: &F, _: Instant, _: Instant) -> Result<Held, TooShallow> {
        Ok(Held {
            truth: None,
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

    fn agrees(&self, asked: &[&Leg]) -> bool {
        let tests = asked.iter().filter_map(|leg| match leg {
            Leg::Property(other) if other.property == self.property => Some(&other.test),
            _ => None,
        });
        possible::can_pass(&tests.collect::<Vec<_>>())
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::Property(self.property)
    }

    fn words(&self, needs: &Needs) -> String {
        let property = needs.path(self.property).map(Path::in_words);
        format!("{} {}", property.unwrap_or_default(), self.test.words())
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, _: Verdict) -> String {
        match sight.facts.property(self.property) {
            None => "absent".into(),
            Some(value) => self.test.observed(value),
        }
    }

    fn precision(&self) -> Precision {
        Precision::Minute
    }
}
