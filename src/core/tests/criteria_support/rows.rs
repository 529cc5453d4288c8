//! The model's events as filters see them, and series of them.

use hogsend_core::criteria::{EventRow, Field, PropertyValue, SeriesOf, Taken, Zones};
use hogsend_core::time::Instant;
use hogsend_model::{Facts, Occurrence, Value};

/// What an event says of itself.
pub struct Said<'o>(pub &'o Occurrence);

impl EventRow for Said<'_> {
    fn field(&self, field: &Field) -> Option<PropertyValue> {
        let document = &self.0.document;
        let column = |value: Value| PropertyValue::parse(&value.json());
        match field {
            Field::Value => document.value.clone().map(column),
            Field::Source => document.source.map(|source| column(Value::Text(source))),
            Field::Property(path) => {
                let value = document.properties.get(path.key())?;
                PropertyValue::parse_at(&value.json(), path.rest())
            }
        }
    }
}

/// Whether an occurrence is in a series.
pub fn is_in(of: &SeriesOf, occurrence: &Occurrence) -> bool {
    let at = Instant(occurrence.at);
    of.events.iter().any(|event| event == occurrence.event)
        && of.since.is_none_or(|since| at >= since)
        && of.until.is_none_or(|until| at < until)
        && of
            .filter
            .as_ref()
            .is_none_or(|filter| filter.passes(&Said(occurrence)))
}

/// No zone but UTC.
pub struct NoZones;

impl Zones for NoZones {
    fn start_of_day(&self, _: &str, _: i32, _: u8, _: u8) -> Option<Instant> {
        None
    }

    fn day_of(&self, _: &str, _: Instant) -> Option<i64> {
        None
    }
}

/// One of a series: when it happened, whether it passes what the series marks, and what was taken of it.
#[derive(Clone)]
pub struct Row {
    pub at: Instant,
    pub mark: bool,
    pub value: Taken,
    pub id: i64,
}

/// Those of a series: latest first, of one instant the one with the greatest id.
pub fn latest_first(of: &SeriesOf, stored: &Facts) -> Vec<Row> {
    let all = stored.occurrences().iter().filter(|o| is_in(of, o));
    let mut all: Vec<&Occurrence> = all.collect();
    all.sort_by_key(|o| std::cmp::Reverse((o.at, o.id)));
    let row = |o: &Occurrence| {
        let said = of.said(Instant(o.at), &Said(o), &NoZones);
        Row {
            at: Instant(o.at),
            mark: said.mark,
            value: said.value,
            id: o.id,
        }
    };
    all.into_iter().map(row).collect()
}
