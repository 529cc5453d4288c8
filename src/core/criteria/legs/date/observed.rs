//! What a leg about a date asks for and what was found, in words.

use super::{DateLeg, DateTest, Days, Zone};
use crate::criteria::explain::Sight;
use crate::criteria::facts::Facts;
use crate::criteria::moment::{self, Reading, Unit};
use crate::criteria::needs::Needs;
use crate::criteria::path::Path;
use crate::criteria::value::PropertyValue;
use crate::criteria::words;
use crate::criteria::zones::{self, UTC};
use crate::time::Span;

/// What is asked for.
pub(super) fn asked(leg: &DateLeg, needs: &Needs) -> String {
    let property = needs.path(leg.property).map(Path::in_words);
    let when = match &leg.test {
        DateTest::Before(than) => format!("is before {}", than.words()),
        DateTest::After(than) => format!("is at {} or after", than.words()),
        DateTest::WithinLast(span) => format!("is {}", words::window(*span)),
        DateTest::WithinNext(span) => format!("is {}", ahead(*span)),
        DateTest::OlderThan(span) => format!("is more than {} ago", words::duration(*span)),
        DateTest::LaterThan(span) => format!("is more than {} ahead", words::duration(*span)),
        DateTest::OnDay(days) => format!("is {}", day(days)),
        DateTest::Anniversary(days) => format!("has an anniversary {}", day(days)),
    };
    let unit = match leg.unit {
        Unit::Seconds => "",
        Unit::Milliseconds => " (numbers are milliseconds)",
    };
    let zone = leg.zone.words(needs);
    format!("{} {when}{zone}{unit}", property.unwrap_or_default())
}

/// "The next day" would be heard as tomorrow.
fn ahead(span: Span) -> String {
    words::window(span).replacen("last", "next", 1)
}

/// A day, seen from today.
fn day(days: &Days) -> String {
    match days.small() {
        Some(0) => "today".into(),
        Some(1) => "tomorrow".into(),
        Some(-1) => "yesterday".into(),
        _ if days.number.is_negative() => {
            format!(
                "{} days before today",
                words::number(&days.number.negated())
            )
        }
        _ => format!("{} days after today", words::number(&days.number)),
    }
}

/// What was found: the value, when that is, and what day it is there.
pub(super) fn found<F: Facts + ?Sized>(leg: &DateLeg, sight: &Sight<'_, F>) -> String {
    let facts = sight.facts;
    let Some(value) = facts.property(leg.property) else {
        return "absent".into();
    };
    let Some(reading) = Reading::of(value, leg.unit) else {
        return match value {
            PropertyValue::Null => "null".into(),
            value => format!("{}: no instant", words::value(value)),
        };
    };
    let (zones, zone) = (facts.zones(), leg.zone.name(facts));
    let when = reading.instant(zone, zones);
    let here = clocks(leg, sight);
    match leg.test {
        DateTest::OnDay(_) | DateTest::Anniversary(_) => {
            let of = moment::date(zones::day_of(zone, when, zones));
            let today = moment::date(zones::day_of(zone, sight.now, zones));
            match here {
                None => format!("{of}, today is {today}"),
                Some(here) => format!("{of}, today is {today} {here}"),
            }
        }
        _ => {
            let said = (sight.say)(when, super::LegKind::precision(leg));
            match (reading, here) {
                // By whose clocks makes a difference.
                (Reading::Local(_), Some(here)) => {
                    format!("{said}, which is {} {here}", words::value(value))
                }
                _ => said,
            }
        }
    }
}

/// By whose clocks, where that does not go without saying.
fn clocks<F: Facts + ?Sized>(leg: &DateLeg, sight: &Sight<'_, F>) -> Option<String> {
    let property = match &leg.zone {
        Zone::Fixed(zone) if zones::is_utc(zone) => return None,
        Zone::Fixed(zone) => return Some(format!("in {zone}")),
        Zone::Of(property) => *property,
    };
    Some(own(sight.facts, property))
}

/// By the clocks of the zone that somebody's property names.
fn own<F: Facts + ?Sized>(facts: &F, property: crate::criteria::numbers::PropertyNo) -> String {
    match facts.property(property) {
        Some(PropertyValue::String(zone)) if zones::is_known(zone, facts.zones()) => {
            format!("in {}", words::name(zone))
        }
        None | Some(PropertyValue::Null) => format!("in {UTC}, no zone being known"),
        Some(other) => format!("in {UTC}, {} being no time zone", words::value(other)),
    }
}
