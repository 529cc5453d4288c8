//! Reading when something must be.

use super::{DateTest, Days, Zone};
use crate::criteria::hints::{cut, quote};
use crate::criteria::json::{self, Kind};
use crate::criteria::moment::{self, Moment, Unit};
use crate::criteria::parse::walk::{Node, Walk};
use crate::criteria::path::Path;
use crate::criteria::zones;

/// What can be asked about when something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::criteria::legs) enum Asked {
    Before,
    After,
    WithinLast,
    WithinNext,
    OlderThan,
    LaterThan,
    OnDay,
    Anniversary,
}

/// How it is called.
pub(in crate::criteria::legs) const fn operators() -> [(&'static str, Asked); 8] {
    [
        ("before", Asked::Before),
        ("after", Asked::After),
        ("within_last", Asked::WithinLast),
        ("within_next", Asked::WithinNext),
        ("older_than", Asked::OlderThan),
        ("later_than", Asked::LaterThan),
        ("on_day", Asked::OnDay),
        ("anniversary", Asked::Anniversary),
    ]
}

/// The zone as a document names it.
pub(in crate::criteria) enum Named {
    Fixed(Box<str>),
    Of(Path),
}

impl Named {
    /// The same in the plan.
    pub(in crate::criteria) fn planned(self, walk: &mut Walk<'_>) -> Zone {
        match self {
            Named::Fixed(zone) => Zone::Fixed(zone),
            Named::Of(path) => Zone::Of(walk.needs.property(path)),
        }
    }
}

impl Asked {
    fn name(self) -> &'static str {
        let mut all = operators().into_iter();
        all.find(|(_, asked)| *asked == self)
            .map_or("", |(name, _)| name)
    }

    /// Reads what a value is compared with.
    pub(in crate::criteria::legs) fn read<'a>(
        self,
        walk: &mut Walk<'a>,
        node: &Node<'a>,
        zone: Option<&Named>,
    ) -> Option<DateTest> {
        let Some(raw) = node.field("value") else {
            let needed = match self {
                Asked::Before | Asked::After => "an instant or a date, such as \"2026-05-01\"",
                Asked::OnDay | Asked::Anniversary => {
                    "how many days after today, such as 0 for today or 1 for tomorrow"
                }
                _ => "a length of time, such as \"3 days\"",
            };
            walk.problem(
                node.at,
                format!("the operator {} needs a \"value\"", quote(self.name())),
                format!("add \"value\": {needed}"),
            );
            return None;
        };
        Some(match self {
            Asked::Before => DateTest::Before(walk.moment("value", raw, zone)?),
            Asked::After => DateTest::After(walk.moment("value", raw, zone)?),
            Asked::WithinLast => DateTest::WithinLast(walk.length("value", raw)?),
            Asked::WithinNext => DateTest::WithinNext(walk.length("value", raw)?),
            Asked::OlderThan => DateTest::OlderThan(walk.length("value", raw)?),
            Asked::LaterThan => DateTest::LaterThan(walk.length("value", raw)?),
            Asked::OnDay => DateTest::OnDay(walk.days(self.name(), raw)?),
            Asked::Anniversary => DateTest::Anniversary(walk.days(self.name(), raw)?),
        })
    }
}

impl<'a> Walk<'a> {
    /// An instant, or a day that begins when it does in the zone of whoever is asked about.
    pub(in crate::criteria) fn moment(
        &mut self,
        field: &str,
        raw: &'a serde_json::value::RawValue,
        zone: Option<&Named>,
    ) -> Option<Moment> {
        match zone {
            Some(Named::Of(_)) => self.instant_or_day(field, raw),
            Some(Named::Fixed(zone)) => self.instant(field, raw, zone).map(Moment::At),
            None => self.instant(field, raw, zones::UTC).map(Moment::At),
        }
    }

    /// How many days after today.
    fn days(&mut self, operator: &str, raw: &serde_json::value::RawValue) -> Option<Days> {
        let at = self.offset(raw);
        let kind = json::kind(raw.get());
        let hint = "give whole days after today: 0 is today, 1 tomorrow, -1 yesterday";
        if kind != Some(Kind::Number) {
            let found = kind.map_or("not JSON", Kind::in_words);
            let message = format!(
                "the operator {} needs a whole number, not {found}",
                quote(operator)
            );
            self.problem_in("value", at, message, hint);
            return None;
        }
        let days = Days::new(self.decimal("value", raw)?);
        if days.is_none() {
            let message = format!(
                "the operator {} needs a whole number, not {}",
                quote(operator),
                cut(raw.get())
            );
            self.problem_in("value", at, message, hint);
        }
        days
    }

    /// The zone that a condition names, whether it is everybody's or each one's own; UTC where it names none.
    pub(in crate::criteria) fn any_zone(&mut self, node: &Node<'a>) -> Option<Named> {
        let Some(raw) = node.field("zone") else {
            return Some(Named::Fixed(moment::utc()));
        };
        if json::kind(raw.get()) != Some(Kind::Object) {
            return self.zone(node).map(|zone| Named::Fixed(zone.into()));
        }
        let at = self.offset(raw);
        let inner = self.inside("zone", |walk| {
            let inner = walk.node(raw, at)?;
            walk.check_keys_of(&inner, "a zone", &["property"]);
            walk.path(&inner, "property", "a zone of somebody's own")
        });
        inner.map(Named::Of)
    }

    /// What a number counts, seconds if nothing is said.
    pub(in crate::criteria) fn unit(&mut self, node: &Node<'a>) -> Option<Unit> {
        match node.field("unit") {
            None => Some(Unit::default()),
            Some(_) => self.choice(node, "unit", "a condition on a property", &Unit::NAMES),
        }
    }
}
