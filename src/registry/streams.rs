//! Series that buckets count, each once however many buckets ask for it, and which of them an event
//! belongs to.
//!
//! An event belongs to few of the series that name it where they are told apart by what they ask of it.
//! So those that ask that a field equals a value are found by the value: one look-up a field, however
//! many they are. Only what asks something else is tried one by one.

use std::collections::HashMap;

use hogsend_core::criteria::{EventRow, Field, PropertyValue, Scalar, SeriesNeed, SeriesOf};
use hogsend_core::time::Instant;

use super::names::{BucketNo, EventNo, Number, StreamNo};
use crate::pg::zones::ServerZones;
use crate::store::facts;

/// A series that some bucket counts.
struct Stream {
    of: SeriesOf,
    /// Whom one more of its events concerns.
    concerned: Vec<BucketNo>,
    /// The name under which what it comes to is kept, where some bucket asks for that.
    kept_as: Option<String>,
}

/// All of them.
#[derive(Default)]
pub struct Streams {
    numbers: HashMap<SeriesOf, StreamNo>,
    streams: Vec<Stream>,
    /// By the event's number.
    of_event: Vec<OfEvent>,
    /// Something is asked of events that their names and instants do not tell.
    pub read_rows: bool,
    /// What some of them come to is kept.
    pub keep_totals: bool,
}

/// The series that name an event.
#[derive(Default)]
struct OfEvent {
    /// Those that take whatever has the name.
    all: Vec<StreamNo>,
    /// Those that ask for a value in a field.
    by_value: Vec<(Field, HashMap<Wanted, Vec<StreamNo>>)>,
    /// The others.
    others: Vec<StreamNo>,
    /// Some mark what they take, or measure it.
    says: bool,
    /// What some of them come to is kept.
    keeps: bool,
}

/// A value to be found, such that equal values are the same.
#[derive(PartialEq, Eq, Hash)]
enum Wanted {
    Bool(bool),
    /// A number, as [`Decimal`](hogsend_core::decimal::Decimal) prints it.
    Number(String),
    Text(String),
}

impl Wanted {
    fn of(scalar: &Scalar) -> Wanted {
        match scalar {
            Scalar::Bool(value) => Wanted::Bool(*value),
            Scalar::Number(value) => Wanted::Number(value.to_string()),
            Scalar::String(value) => Wanted::Text(value.clone()),
        }
    }

    fn found(value: PropertyValue) -> Option<Wanted> {
        match value {
            PropertyValue::Bool(value) => Some(Wanted::Bool(value)),
            PropertyValue::Number(value) => Some(Wanted::Number(value.to_string())),
            PropertyValue::String(value) => Some(Wanted::Text(value)),
            _ => None,
        }
    }
}

impl Streams {
    pub fn of(&self, number: StreamNo) -> &SeriesOf {
        &self.streams[number.place()].of
    }

    /// The number of a series that some bucket counts.
    pub fn number_of(&self, of: &SeriesOf) -> Option<StreamNo> {
        self.numbers.get(of).copied()
    }

    /// The buckets that one more event of the series concerns.
    pub fn concerned(&self, number: StreamNo) -> &[BucketNo] {
        &self.streams[number.place()].concerned
    }

    /// The name under which it is kept what the series comes to, if it is.
    pub fn kept_as(&self, number: StreamNo) -> Option<&str> {
        self.streams[number.place()].kept_as.as_deref()
    }

    /// The names of all of which that is kept.
    pub fn all_kept(&self) -> impl Iterator<Item = &str> {
        let streams = self.streams.iter();
        streams.filter_map(|stream| stream.kept_as.as_deref())
    }

    /// The same with the series.
    pub fn all_kept_of(&self) -> impl Iterator<Item = (&str, &SeriesOf)> {
        let streams = self.streams.iter();
        streams.filter_map(|stream| Some((stream.kept_as.as_deref()?, &stream.of)))
    }

    /// Whether what some series comes to is kept that names the event.
    pub fn keeps_of(&self, event: EventNo) -> bool {
        let of_event = self.of_event.get(event.place());
        of_event.is_some_and(|of_event| of_event.keeps)
    }

    /// Whether some series asks more of the events of that name than the name.
    pub fn asks_more(&self, event: EventNo) -> bool {
        let of_event = self.of_event.get(event.place());
        of_event.is_some_and(|of_event| {
            of_event.says || !of_event.by_value.is_empty() || !of_event.others.is_empty()
        })
    }

    /// Calls `visit` with each series that an event of that name belongs to, which happened at `at`.
    pub fn matching(
        &self,
        event: EventNo,
        at: Instant,
        row: &impl EventRow,
        mut visit: impl FnMut(StreamNo),
    ) {
        let Some(of_event) = self.of_event.get(event.place()) else {
            return;
        };
        let mut visit_within = |number: StreamNo| {
            let of = &self.streams[number.place()].of;
            let begun = of.since.is_none_or(|since| at >= since);
            if begun && of.until.is_none_or(|until| at < until) {
                visit(number);
            }
        };
        for number in &of_event.all {
            visit_within(*number);
        }
        let passes = |number: &&StreamNo| {
            let filter = self.streams[number.place()].of.filter.as_deref();
            filter.is_none_or(|filter| filter.passes(row, &ServerZones))
        };
        for (field, by_value) in &of_event.by_value {
            let found = row.field(field).and_then(Wanted::found);
            let found = found.and_then(|value| by_value.get(&value));
            for number in found.into_iter().flatten().filter(passes) {
                visit_within(*number);
            }
        }
        for number in of_event.others.iter().filter(passes) {
            visit_within(*number);
        }
    }

    /// All series that name an event.
    pub fn naming(&self, event: EventNo) -> impl Iterator<Item = StreamNo> + '_ {
        let of_event = self.of_event.get(event.place());
        of_event.into_iter().flat_map(|of_event| {
            let by_value = of_event.by_value.iter();
            let by_value = by_value.flat_map(|(_, by_value)| by_value.values().flatten());
            let all = of_event.all.iter().chain(&of_event.others);
            all.chain(by_value).copied()
        })
    }

    /// The number of a series whose events have these numbers.
    pub(super) fn add(&mut self, need: &SeriesNeed, events: &[EventNo]) -> StreamNo {
        let of = &need.of;
        self.read_rows |= !facts::is_by_rank(need);
        if let Some(number) = self.numbers.get(of).copied() {
            self.keep(need, number, events);
            return number;
        }
        let number = StreamNo::new(self.streams.len());
        self.numbers.insert(of.clone(), number);
        self.streams.push(Stream {
            of: of.clone(),
            concerned: Vec::new(),
            kept_as: None,
        });
        for event in events {
            if self.of_event.len() <= event.place() {
                self.of_event
                    .resize_with(event.place() + 1, OfEvent::default);
            }
            self.of_event[event.place()].add(of, number);
        }
        self.keep(need, number, events);
        number
    }

    /// Notes that it is kept what a series comes to, if that is asked for.
    fn keep(&mut self, need: &SeriesNeed, number: StreamNo, events: &[EventNo]) {
        if !need.keeps_total {
            return;
        }
        self.keep_totals = true;
        let stream = &mut self.streams[number.place()];
        stream.kept_as.get_or_insert_with(|| need.of.name());
        for event in events {
            self.of_event[event.place()].keeps = true;
        }
    }

    /// Notes that one more event of the series concerns a bucket.
    pub(super) fn concerns(&mut self, number: StreamNo, bucket: BucketNo) {
        let concerned = &mut self.streams[number.place()].concerned;
        if concerned.last() != Some(&bucket) {
            concerned.push(bucket);
        }
    }
}

impl OfEvent {
    fn add(&mut self, of: &SeriesOf, number: StreamNo) {
        self.says |= of.marking.is_some() || of.measured.is_some();
        let Some(filter) = of.filter.as_deref() else {
            return self.all.push(number);
        };
        let Some((field, wanted)) = filter.equality() else {
            return self.others.push(number);
        };
        let place = self.by_value.iter().position(|(known, _)| known == field);
        let place = place.unwrap_or_else(|| {
            self.by_value.push((field.clone(), HashMap::new()));
            self.by_value.len() - 1
        });
        let by_value = &mut self.by_value[place].1;
        by_value.entry(Wanted::of(wanted)).or_default().push(number);
    }
}
