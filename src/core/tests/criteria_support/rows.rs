//! The model's events as filters see them, and series of them.

use hogsend_core::criteria::{EventRow, Field, PropertyValue, SeriesOf};
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

/// When those of a series happened, and whether each passes what the series marks: latest first, of one
/// instant the one with the greatest id.
pub fn latest_first(of: &SeriesOf, stored: &Facts) -> Vec<(Instant, bool)> {
    let all = stored.occurrences().iter().filter(|o| is_in(of, o));
    let mut all: Vec<&Occurrence> = all.collect();
    all.sort_by_key(|o| std::cmp::Reverse((o.at, o.id)));
    let marked = |o: &Occurrence| of.marking.as_ref().is_none_or(|m| m.passes(&Said(o)));
    all.into_iter()
        .map(|o| (Instant(o.at), marked(o)))
        .collect()
}
