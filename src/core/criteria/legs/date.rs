//! Legs about when a property of the contact says that something is: before or after an instant, some time ago or
//! ahead, on a day.
//!
//! The value is what is stored now, and nobody wrote down what it was before. Where it is compared with the clock the
//! truth has steps: one or two of them, or, on anniversaries, endlessly many.

mod days;
mod observed;
mod read;

pub use days::Days;
pub(in crate::criteria) use read::Named;
pub(super) use read::{Asked, operators};

use super::{Leg, LegKind, Subject};
use crate::criteria::canonical::Writer;
use crate::criteria::effect::Effect;
use crate::criteria::explain::{Precision, Sight};
use crate::criteria::facts::Facts;
use crate::criteria::moment::{self, Beside, Moment, Reading, Unit};
use crate::criteria::needs::Needs;
use crate::criteria::numbers::{PropertyNo, SeriesNo};
use crate::criteria::path::Path;
use crate::criteria::scope::Scope;
use crate::criteria::since::ALWAYS;
use crate::criteria::tree::{Held, Hold, TooShallow};
use crate::criteria::value::PropertyValue;
use crate::criteria::verdict::Verdict;
use crate::criteria::zones::{self, UTC};
use crate::time::{Instant, Span};

/// A leg about a property that says when something is.
#[derive(Clone, Debug)]
pub struct DateLeg {
    /// Which one.
    pub property: PropertyNo,
    /// When it must be.
    pub test: DateTest,
    /// By whose clocks.
    pub zone: Zone,
    /// What a number counts.
    pub unit: Unit,
}

/// When something must be.
#[derive(Clone, Debug)]
pub enum DateTest {
    /// Before that.
    Before(Moment),
    /// At that or after.
    After(Moment),
    /// Now, or no longer ago than that.
    WithinLast(Span),
    /// Ahead, no farther than that.
    WithinNext(Span),
    /// Longer ago than that.
    OlderThan(Span),
    /// Farther ahead than that.
    LaterThan(Span),
    /// On the local day that is so many days after today.
    OnDay(Days),
    /// On such a day of any year.
    Anniversary(Days),
}

/// By whose clocks local times and days are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Those of a zone, which there is.
    Fixed(Box<str>),
    /// Those of the zone that this property of the contact names; in Greenwich where it names none.
    Of(PropertyNo),
}

impl Zone {
    /// Its name, which may be one of no zone.
    pub(in crate::criteria) fn name<'n, F: Facts + ?Sized>(&'n self, facts: &'n F) -> &'n str {
        match self {
            Zone::Fixed(zone) => zone,
            Zone::Of(property) => match facts.property(*property) {
                Some(PropertyValue::String(zone)) => zone,
                _ => UTC,
            },
        }
    }

    pub(in crate::criteria) fn property(&self) -> Option<PropertyNo> {
        match self {
            Zone::Fixed(_) => None,
            Zone::Of(property) => Some(*property),
        }
    }

    pub(in crate::criteria) fn write(&self, needs: &Needs, into: &mut Writer) {
        match self {
            Zone::Fixed(zone) => moment::write_zone(zone, into),
            Zone::Of(property) => into.object("zone", |into| {
                let path = needs.path(*property).map(Path::json);
                into.raw("property", path.unwrap_or_default());
            }),
        }
    }

    /// In words that follow what it is the zone of; nothing where that goes without saying.
    pub(in crate::criteria) fn words(&self, needs: &Needs) -> String {
        match self {
            Zone::Fixed(zone) if zones::is_utc(zone) => String::new(),
            Zone::Fixed(zone) => format!(" in {zone}"),
            Zone::Of(property) => {
                let path = needs.path(*property).map(Path::in_words);
                format!(" in the zone of {}", path.unwrap_or_default())
            }
        }
    }
}

impl DateTest {
    fn operator(&self) -> &'static str {
        match self {
            DateTest::Before(_) => Beside::operator(true),
            DateTest::After(_) => Beside::operator(false),
            DateTest::WithinLast(_) => "within_last",
            DateTest::WithinNext(_) => "within_next",
            DateTest::OlderThan(_) => "older_than",
            DateTest::LaterThan(_) => "later_than",
            DateTest::OnDay(_) => "on_day",
            DateTest::Anniversary(_) => "anniversary",
        }
    }

    fn write(&self, into: &mut Writer) {
        match self {
            DateTest::Before(than) | DateTest::After(than) => {
                into.operator(self.operator());
                than.write("value", into);
            }
            DateTest::WithinLast(span)
            | DateTest::WithinNext(span)
            | DateTest::OlderThan(span)
            | DateTest::LaterThan(span) => {
                into.operator(self.operator());
                into.span("value", *span);
            }
            DateTest::OnDay(days) | DateTest::Anniversary(days) => {
                into.compared(self.operator(), &days.number);
            }
        }
    }

    /// The truth of an instant that lies at `when`, if no day is asked for.
    fn beside(&self, when: Instant, at: Instant) -> Option<Hold> {
        // True from one instant up to another.
        let between = |from: Instant, to: Instant| {
            if at < from {
                Hold {
                    truth: false,
                    edge: from,
                }
            } else if at < to {
                Hold {
                    truth: true,
                    edge: to,
                }
            } else {
                Hold::for_good(false)
            }
        };
        Some(match self {
            DateTest::WithinLast(span) => between(when, when.plus(*span).next()),
            DateTest::WithinNext(span) => between(when.minus(*span), when),
            DateTest::OlderThan(span) => between(when.plus(*span).next(), Instant::INFINITY),
            DateTest::LaterThan(span) => between(Instant::NEG_INFINITY, when.minus(*span)),
            _ => return None,
        })
    }
}

impl DateLeg {
    fn hold_of<F: Facts + ?Sized>(&self, facts: &F, at: Instant, reading: Reading) -> Hold {
        let (zones, zone) = (facts.zones(), self.zone.name(facts));
        let when = reading.instant(zone, zones);
        match &self.test {
            DateTest::Before(than) => Hold::for_good(when < than.instant(zone, zones)),
            DateTest::After(than) => Hold::for_good(when >= than.instant(zone, zones)),
            DateTest::OnDay(days) => {
                let wanted = days.before(zones::day_of(zone, when, zones));
                let from = |from: i64| (wanted >= from).then_some(wanted);
                days::hold(zone, zones, at, &from)
            }
            DateTest::Anniversary(days) => {
                let of = zones::day_of(zone, when, zones);
                days::hold(zone, zones, at, &|from| Some(days.anniversary(of, from)))
            }
            other => other
                .beside(when, at)
                .unwrap_or_else(|| Hold::for_good(false)),
        }
    }

    /// What the value says.
    fn reading<F: Facts + ?Sized>(&self, facts: &F) -> Option<Reading> {
        Reading::of(facts.property(self.property)?, self.unit)
    }

    /// Whether there is no end to its steps.
    pub(super) fn is_endless(&self) -> bool {
        matches!(self.test, DateTest::Anniversary(_))
    }

    /// Whether it asks for that property, as its own or for the zone.
    pub(in crate::criteria) fn reads(&self, property: PropertyNo) -> bool {
        property == self.property || self.zone.property() == Some(property)
    }

    /// Whether a change of that property from the one value to the other may make a difference.
    pub(in crate::criteria) fn tells_apart(
        &self,
        property: PropertyNo,
        one: Option<&PropertyValue>,
        other: Option<&PropertyValue>,
    ) -> bool {
        let reading = |value: Option<&PropertyValue>| Reading::of(value?, self.unit);
        (property == self.property && reading(one) != reading(other))
            || (self.zone.property() == Some(property) && !names_the_same(one, other))
    }
}

/// Whether both values name the same zone, or neither names any.
pub(in crate::criteria) fn names_the_same(
    one: Option<&PropertyValue>,
    other: Option<&PropertyValue>,
) -> bool {
    fn name(value: Option<&PropertyValue>) -> &str {
        match value {
            Some(PropertyValue::String(zone)) => zone,
            _ => UTC,
        }
    }
    name(one) == name(other)
}

impl LegKind for DateLeg {
    const TYPE: &'static str = super::PropertyLeg::TYPE;
    const TELLTALE: &'static str = super::PropertyLeg::TELLTALE;

    fn write(&self, needs: &Needs, into: &mut Writer) {
        let path = needs.path(self.property).map(Path::json);
        into.raw("property", path.unwrap_or_default());
        self.test.write(into);
        self.zone.write(needs, into);
        self.unit.write(into);
    }

    fn hold<F: Facts + ?Sized>(&self, facts: &F, at: Instant) -> Hold {
        match self.reading(facts) {
            Some(reading) => self.hold_of(facts, at, reading),
            None => Hold::for_good(false),
        }
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

    fn agrees(&self, _: &[&Leg]) -> bool {
        // Some value is on any day.
        true
    }

    fn rules_out(&self, _: SeriesNo) -> bool {
        false
    }

    fn subject(&self) -> Subject {
        Subject::Property(self.property)
    }

    fn words(&self, needs: &Needs) -> String {
        observed::asked(self, needs)
    }

    fn observed<F: Facts + ?Sized>(&self, sight: &Sight<'_, F>, _: Verdict) -> String {
        observed::found(self, sight)
    }

    fn precision(&self) -> Precision {
        match self.test {
            DateTest::WithinLast(span)
            | DateTest::WithinNext(span)
            | DateTest::OlderThan(span)
            | DateTest::LaterThan(span) => Precision::beside(span),
            _ => Precision::Minute,
        }
    }
}
