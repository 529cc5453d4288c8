//! When a property of the contact says that something is.

use super::Meaning;
use crate::dates::{self, When};
use crate::facts::{CALENDAR_END, Facts, Properties, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::value::{Step, Value};
use crate::world::World;
use crate::zones::{DAY, Zone, day_number, is_leap};

#[derive(Clone, Debug, PartialEq)]
pub struct Date {
    pub name: &'static str,
    /// The way down from there.
    pub below: Vec<Step>,
    pub operator: &'static str,
    pub than: Than,
    pub zone: Whose,
    /// What numbers count, if not seconds.
    pub milliseconds: bool,
    /// All the properties that are asked for.
    pub names: Vec<&'static str>,
    /// Years around this one are looked at for anniversaries.
    pub around: i64,
}

/// What is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Than {
    At(i64),
    /// The beginning of a local day.
    Day(i64),
    Span(i64),
    /// Days after today.
    Days(i64),
}

/// By whose clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Whose {
    Zone(&'static str),
    /// Of the zone that a property names.
    Own(&'static str),
}

impl Date {
    pub fn random(random: &mut Random, world: &World) -> Date {
        let name = match random.below(4) {
            0 => random.pick(world.properties),
            _ if world.dates.is_empty() => random.pick(world.properties),
            _ => random.pick(world.dates),
        };
        let operator = random.pick(&[
            "before",
            "after",
            "within_last",
            "within_next",
            "older_than",
            "later_than",
            "on_day",
            "on_day",
            "anniversary",
            "anniversary",
        ]);
        Date {
            below: if random.one_in(3) {
                Step::some(random)
            } else {
                Vec::new()
            },
            ..Date::of(name, operator, random, world)
        }
    }

    /// One that is decided for good, in a zone that is everybody's.
    pub fn of_event(name: &'static str, random: &mut Random, world: &World) -> Date {
        let operator = random.pick(&["before", "after"]);
        let date = Date::of(name, operator, random, world);
        match date.zone {
            Whose::Zone(_) => date,
            Whose::Own(_) => Date {
                zone: Whose::Zone("UTC"),
                ..date
            },
        }
    }

    fn of(name: &'static str, operator: &'static str, random: &mut Random, world: &World) -> Date {
        let at = world.grid.instant(random);
        let than = match operator {
            "before" | "after" => {
                let at = if json::can_name(at) { at } else { 0 };
                match random.below(2) {
                    0 => Than::Day(at.div_euclid(DAY)),
                    _ => Than::At(at),
                }
            }
            "on_day" | "anniversary" => match random.below(12) {
                0 => Than::Days(random.pick(&[
                    1_461,
                    -146_097,
                    146_098,
                    5_000_000_000,
                    -9_000_000_000_000_000_000,
                ])),
                1..4 => Than::Days(random.between(-40, 40)),
                _ => Than::Days(random.between(-2, 2)),
            },
            _ => Than::Span(world.grid.window(random)),
        };
        let zone = match random.below(4) {
            0 | 1 if !world.zones.is_empty() => Whose::Zone(random.pick(world.zones)),
            2 if !world.zone_names.is_empty() => Whose::Own(random.pick(world.zone_names)),
            _ => Whose::Zone("UTC"),
        };
        let mut names = vec![name];
        if let Whose::Own(zone) = zone {
            names.push(zone);
        }
        Date {
            name,
            below: Vec::new(),
            operator,
            than,
            zone,
            milliseconds: random.one_in(5),
            names,
            around: world.grid.origin,
        }
    }

    fn zone(&self, properties: Option<&Properties>) -> &'static Zone {
        let name = match self.zone {
            Whose::Zone(name) => name,
            Whose::Own(property) => name_of(properties.and_then(|all| all.get(property))),
        };
        Zone::find(name).unwrap_or_else(Zone::utc)
    }

    fn when(&self, theirs: Option<&Value>) -> Option<When> {
        dates::read(theirs?.at(&self.below)?, self.milliseconds)
    }

    /// Whether a value is as is asked.
    pub fn passes(
        &self,
        theirs: Option<&Value>,
        properties: Option<&Properties>,
        now: i64,
    ) -> bool {
        let zone = self.zone(properties);
        let Some(when) = self.when(theirs).map(|when| when.instant(zone)) else {
            return false;
        };
        let than = match self.than {
            Than::At(at) => i128::from(at),
            Than::Day(day) => i128::from(zone.instant(day * DAY)),
            Than::Span(span) => i128::from(span),
            Than::Days(days) => i128::from(days),
        };
        let ago = i128::from(now) - i128::from(when);
        let (today, day) = (zone.day(now), zone.day(when));
        match self.operator {
            "before" => i128::from(when) < than,
            "after" => i128::from(when) >= than,
            "within_last" => 0 <= ago && ago <= than,
            "within_next" => -than <= ago && ago < 0,
            "older_than" => ago > than,
            "later_than" => -ago > than,
            "on_day" => i128::from(day) == i128::from(today) + than,
            "anniversary" => {
                // Years come again after so many days.
                let asked = i128::from(today) + than;
                let (year, month, day_of_month) = json::date(asked.rem_euclid(146_097) as i64);
                let (_, their_month, their_day) = json::date(day);
                (month, day_of_month) == (their_month, their_day)
                    || (their_month, their_day) == (2, 29)
                        && (month, day_of_month) == (2, 28)
                        && !is_leap(year)
            }
            other => unreachable!("{other}"),
        }
    }
}

/// The zone that a value names.
fn name_of(value: Option<&Value>) -> &'static str {
    match value {
        Some(Value::Text(name)) => name,
        _ => "UTC",
    }
}

impl Meaning for Date {
    fn holds(&self, seen: &Seen, at: i64) -> bool {
        let theirs = seen.properties.and_then(|all| all.get(self.name));
        self.passes(theirs, seen.properties, at)
    }

    fn held(&self, _seen: &Seen, _at: i64) -> Option<bool> {
        None
    }

    fn changes(&self, facts: &Facts, found: &mut dyn FnMut(i128)) {
        let properties = facts.properties.as_ref();
        let zone = self.zone(properties);
        let theirs = properties.and_then(|all| all.get(self.name));
        let Some(at) = self.when(theirs).map(|when| when.instant(zone)) else {
            return;
        };
        let when = i128::from(at);
        let mut around = |day: i64| {
            for day in [day, day + 1] {
                zone.beginnings(day).for_each(&mut *found);
            }
        };
        match (self.operator, self.than) {
            ("within_last" | "older_than", Than::Span(span)) => {
                found(when);
                found(when + i128::from(span) + 1);
            }
            ("within_next" | "later_than", Than::Span(span)) => {
                found(when - i128::from(span));
                found(when);
            }
            ("on_day", Than::Days(days)) => {
                if let Some(day) = zone.day(at).checked_sub(days)
                    // East of Greenwich the day after the last has begun.
                    && day.abs() <= CALENDAR_END / DAY
                {
                    around(day);
                }
                zone.changes().for_each(|at| found(at.into()));
            }
            ("anniversary", Than::Days(days)) => {
                let (_, month, day) = json::date(zone.day(at));
                let (year, ..) = json::date(self.around.div_euclid(DAY));
                let days = days.rem_euclid(146_097);
                let later = days / 365;
                for year in year - 3 + later..year + 10 + later {
                    let day = match (month as i64, day) {
                        (2, 29) if !is_leap(year) => day_number(year, 2, 28),
                        (month, day) => day_number(year, month, day),
                    };
                    around(day - days);
                }
                zone.changes().for_each(|at| found(at.into()));
            }
            _ => {}
        }
    }

    fn properties(&self) -> &[&'static str] {
        &self.names
    }

    fn tells_apart(&self, property: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
        self.name == property && self.when(one) != self.when(other)
            || self.zone == Whose::Own(self.names.last().copied().unwrap_or_default())
                && self.names.last() == Some(&property)
                && name_of(one) != name_of(other)
    }

    fn is_endless(&self) -> bool {
        self.operator == "anniversary"
    }

    fn only_denies(&self, _asked: bool) -> bool {
        false
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let value = match self.than {
            Than::At(at) => json::text(&json::with_offset(random, at)),
            Than::Day(day) => json::text(&json::date_of(day * DAY)),
            Than::Span(span) => json::span(random, span),
            Than::Days(days) if days < 0 => {
                format!("-{}", json::whole(random, days.unsigned_abs()))
            }
            Than::Days(days) => json::whole(random, days.unsigned_abs()),
        };
        let mut fields = vec![
            ("type", json::text("property")),
            ("property", json::path(random, self.name, &self.below)),
            ("operator", json::text(self.operator)),
            ("value", value),
        ];
        match self.zone {
            Whose::Zone("UTC") if random.one_in(2) => {}
            Whose::Zone(zone) => fields.push(("zone", json::text(zone))),
            Whose::Own(property) => {
                let property = json::path(random, property, &[]);
                fields.push(("zone", format!("{{\"property\":{property}}}")));
            }
        }
        match self.milliseconds {
            true => fields.push(("unit", json::text("milliseconds"))),
            false if random.one_in(4) => fields.push(("unit", json::text("seconds"))),
            false => {}
        }
        fields
    }
}
