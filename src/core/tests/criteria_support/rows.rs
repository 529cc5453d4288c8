//! The model's events as filters see them, and series of them.

use hogsend_core::criteria::{EventRow, Field, PropertyValue, SeriesOf, Taken, Zones};
use hogsend_core::time::Instant;
use hogsend_model::{Facts, Occurrence, Value, Zone};

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
            .is_none_or(|filter| filter.passes(&Said(occurrence), &Clocks))
}

/// The zones of the model.
pub struct Clocks;

impl Zones for Clocks {
    fn instant(&self, zone: &str, local: i64) -> Option<Instant> {
        Some(Instant(Zone::find(zone)?.instant(local)))
    }

    fn local(&self, zone: &str, at: Instant) -> Option<i64> {
        Some(Zone::find(zone)?.local(at.0))
    }

    fn next_change(&self, zone: &str, after: Instant) -> Option<Instant> {
        let mut changes = Zone::find(zone)?.changes();
        let next = changes.find(|at| *at > after.0);
        Some(next.map_or(Instant::INFINITY, Instant))
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
        let said = of.said(Instant(o.at), &Said(o), &Clocks);
        Row {
            at: Instant(o.at),
            mark: said.mark,
            value: said.value,
            id: o.id,
        }
    };
    all.into_iter().map(row).collect()
}
