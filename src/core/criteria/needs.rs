//! What must be read of a user before criteria can be evaluated: the reading plan.
//!
//! A leg asks for what it needs while it is read from the document, and gets the number under which
//! it will find that among the [`Facts`](super::Facts). What several legs ask of one series is merged,
//! so that it is read once and as deep as the most demanding of them wants.

use super::canonical::Writer;
use super::filter::{EventRow, Filter};
use super::measured::{Measured, Taken};
use super::numbers::{InnerNo, PropertyNo, SeriesNo};
use super::path::Path;
use super::zones::Zones;
use crate::sha256;
use crate::time::{Instant, Span};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Occurrences that criteria ask about, and how many of them must be known.
///
/// A series is all that one leg can count: the occurrences of an event, or of several together, as far
/// as they pass a filter and lie in an absolute range. What is not in it is nothing to the leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesNeed {
    /// Which occurrences.
    pub of: SeriesOf,
    /// Which single occurrences matter: 1 is the latest, 2 the one before. Ascending and distinct; the
    /// first of them is 1 where the series is plain, and there are none where it is not.
    pub ranks: Vec<u64>,
    /// How far back all of them must be read, latest first: until each of these is satisfied. Distinct;
    /// a series that is not plain may have none, where only its oldest is asked for.
    pub enough: Vec<Enough>,
    /// Those of `enough` that are to be satisfied even where the series' total is known.
    pub beside_total: Vec<Enough>,
    /// Some leg asks what all of them come to, so that it is worth the while to keep the total.
    pub keeps_total: bool,
    /// The very first is asked for ([`Series::oldest`](super::Series::oldest)).
    pub oldest: bool,
}

/// Which occurrences are in a series. Two that are equal have the same.
#[derive(Clone, Debug)]
pub struct SeriesOf {
    /// The names of the events, ascending and distinct, none empty, none of hogsend's own.
    pub events: Vec<String>,
    /// Those before are not in it.
    pub since: Option<Instant>,
    /// Those at or after it are not in it.
    pub until: Option<Instant>,
    /// Those that fail it are not in it.
    pub filter: Option<Arc<Filter>>,
    /// Of each that is read it is told whether it passes this ([`Series::marks`](super::Series::marks)).
    pub marking: Option<Arc<Filter>>,
    /// Of each that is read this is taken ([`Series::values`](super::Series::values)).
    pub measured: Option<Measured>,
}

/// What was read of an occurrence besides when it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether it passes what the series marks; where it marks nothing each does.
    pub mark: bool,
    /// What was taken of it; nothing where the series measures nothing.
    pub value: Taken,
}

/// When enough has been read of a series for one leg: reading goes from the latest occurrence
/// back, and stops after the first that makes this true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enough {
    /// So many are older than `beyond`; `None`: however many they are, more may matter.
    pub count: Option<u64>,
    /// Only those are counted that happened longer ago than this; `None`: all are counted.
    pub beyond: Option<Span>,
    /// Or one has come that happened longer ago than this; `None`: however old, it matters.
    pub older: Option<Span>,
}

impl SeriesOf {
    /// All occurrences of one event.
    pub fn event(name: impl Into<String>) -> SeriesOf {
        SeriesOf {
            events: vec![name.into()],
            since: None,
            until: None,
            filter: None,
            marking: None,
            measured: None,
        }
    }

    /// What tells it from others, for whoever keeps something of it: the same for all that are equal, in every
    /// installation.
    pub fn name(&self) -> String {
        let mut writer = Writer::new();
        writer.texts("eventName", &self.events);
        for (field, instant) in [("since", self.since), ("until", self.until)] {
            if let Some(instant) = instant {
                writer.instant(field, instant);
            }
        }
        for (field, filter) in [("where", &self.filter), ("having", &self.marking)] {
            if let Some(filter) = filter {
                writer.raw(field, filter.text());
            }
        }
        if let Some(measured) = &self.measured {
            writer.object("measured", |writer| measured.write(writer));
        }
        let digest = sha256::digest(writer.finish().as_bytes());
        let half = digest.iter().take(16);
        half.map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether these are all the occurrences of one event, of which nothing but the instants is asked.
    pub fn is_plain(&self) -> bool {
        self.events.len() == 1
            && self.since.is_none()
            && self.until.is_none()
            && self.filter.is_none()
            && self.marking.is_none()
            && self.measured.is_none()
    }

    /// What an occurrence that is in the series says.
    pub fn said(&self, at: Instant, row: &impl EventRow, zones: &dyn Zones) -> Said {
        let marking = self.marking.as_deref();
        let measured = self.measured.as_ref();
        Said {
            mark: marking.is_none_or(|marking| marking.passes(row, zones)),
            value: measured.and_then(|measured| measured.take(at, row, zones)),
        }
    }

    /// What tells one from another.
    fn key(&self) -> Key<'_> {
        fn text(filter: &Option<Arc<Filter>>) -> Option<&str> {
            filter.as_deref().map(Filter::text)
        }
        (
            &self.events,
            [self.since, self.until],
            [text(&self.filter), text(&self.marking)],
            self.measured.as_ref(),
        )
    }
}

/// The names, the ends, the texts of the filters, and what is measured.
type Key<'s> = (
    &'s [String],
    [Option<Instant>; 2],
    [Option<&'s str>; 2],
    Option<&'s Measured>,
);

impl PartialEq for SeriesOf {
    fn eq(&self, other: &SeriesOf) -> bool {
        self.key() == other.key()
    }
}

impl Eq for SeriesOf {}

impl Hash for SeriesOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Enough {
    /// So many, however old.
    pub fn count(count: u64) -> Enough {
        Enough {
            count: Some(count),
            beyond: None,
            older: None,
        }
    }

    /// Whether an occurrence at `at`, of which `count` counts (this one included), is the last that
    /// must be read at `now`.
    pub fn is_met(&self, at: Instant, count: u64, now: Instant) -> bool {
        self.count.is_some_and(|enough| count >= enough)
            || self.older.is_some_and(|span| at < now.minus(span))
    }

    /// Whether an occurrence counts.
    pub fn counts(&self, at: Instant, now: Instant) -> bool {
        self.beyond.is_none_or(|span| at < now.minus(span))
    }
}

/// Everything that one document asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// By [`SeriesNo`], in the order of their first use.
    pub series: Vec<SeriesNeed>,
    /// So many of them the legs ask for; the others tell about the scope.
    pub counted: usize,
    /// By [`PropertyNo`], in the order of their first use.
    pub properties: Vec<Path>,
    /// By [`InnerNo`], in the order of their first use.
    pub buckets: Vec<String>,
}

impl Needs {
    /// Asks for what tells how many occurrences of a series there are, in a window where there is one,
    /// up to the last of these ranks: for those of the ranks, if every occurrence of the event is in the
    /// series, and else for the latest ones.
    pub fn counted(&mut self, of: SeriesOf, ranks: &[u64], within: Option<Span>) -> SeriesNo {
        if of.is_plain() {
            let (series, need) = self.need(of);
            need.ranks.extend(ranks);
            need.ranks.sort_unstable();
            need.ranks.dedup();
            return series;
        }
        let most = ranks.iter().max().copied();
        let enough = Enough {
            count: Some(most.unwrap_or(1)),
            beyond: None,
            older: within,
        };
        match within {
            // How far back the last of so many is that pass a filter nobody knows.
            None if of.filter.is_some() && of.marking.is_none() => self.total(of, enough),
            _ => self.latest(of, enough),
        }
    }

    /// Asks for what all the occurrences of a series come to: for its total, or else for the latest ones until
    /// there are enough.
    pub fn total(&mut self, of: SeriesOf, enough: Enough) -> SeriesNo {
        let (series, need) = self.need(of);
        need.keeps_total = true;
        if !need.enough.contains(&enough) {
            need.enough.push(enough);
        }
        series
    }

    /// Asks for the latest occurrences of a series until there are enough.
    pub fn latest(&mut self, of: SeriesOf, enough: Enough) -> SeriesNo {
        let (series, need) = self.need(of);
        for all in [&mut need.enough, &mut need.beside_total] {
            if !all.contains(&enough) {
                all.push(enough);
            }
        }
        series
    }

    /// Asks for the very first occurrence of a series.
    pub fn oldest(&mut self, of: SeriesOf) -> SeriesNo {
        let (series, need) = self.need(of);
        need.oldest = true;
        series
    }

    fn need(&mut self, of: SeriesOf) -> (SeriesNo, &mut SeriesNeed) {
        let known = self.series.iter().position(|need| need.of == of);
        let index = known.unwrap_or(self.series.len());
        if known.is_none() {
            // Whether there is any decides about the scope.
            let ranks = if of.is_plain() { vec![1] } else { Vec::new() };
            self.series.push(SeriesNeed {
                of,
                ranks,
                enough: Vec::new(),
                beside_total: Vec::new(),
                keeps_total: false,
                oldest: false,
            });
        }
        (SeriesNo::new(index), &mut self.series[index])
    }

    /// Asks for what the scope needs, which goes by the names of events alone: whether each has ever
    /// happened. To be called when all the legs have asked.
    pub fn finish(&mut self) {
        self.counted = self.series.len();
        let names: Vec<String> = self.events().into_iter().map(str::to_owned).collect();
        for name in names {
            self.need(SeriesOf::event(name));
        }
    }

    /// Those by which the scope goes.
    pub fn plain_numbers(&self) -> impl Iterator<Item = SeriesNo> + '_ {
        let plain = |series: &SeriesNo| self.of(*series).is_some_and(SeriesOf::is_plain);
        self.series_numbers().filter(plain)
    }

    /// Which occurrences are in a series.
    pub fn of(&self, series: SeriesNo) -> Option<&SeriesOf> {
        self.series.get(series.index()).map(|need| &need.of)
    }

    /// Asks for the value of a property.
    pub fn property(&mut self, path: Path) -> PropertyNo {
        let known = self.properties.iter().position(|known| *known == path);
        let index = known.unwrap_or(self.properties.len());
        if known.is_none() {
            self.properties.push(path);
        }
        PropertyNo::new(index)
    }

    /// Asks for the membership in a bucket.
    pub fn bucket(&mut self, id: String) -> InnerNo {
        let known = self.buckets.iter().position(|known| *known == id);
        let index = known.unwrap_or(self.buckets.len());
        if known.is_none() {
            self.buckets.push(id);
        }
        InnerNo::new(index)
    }

    /// The id of a bucket; every number that was given out has one.
    pub fn inner(&self, bucket: InnerNo) -> &str {
        self.buckets.get(bucket.index()).map_or("", String::as_str)
    }

    /// The numbers of all buckets.
    pub fn inner_numbers(&self) -> impl Iterator<Item = InnerNo> + use<> {
        (0..self.buckets.len()).map(InnerNo::new)
    }

    /// The numbers of all properties.
    pub fn property_numbers(&self) -> impl Iterator<Item = PropertyNo> + use<> {
        (0..self.properties.len()).map(PropertyNo::new)
    }

    /// The numbers of all series.
    pub fn series_numbers(&self) -> impl Iterator<Item = SeriesNo> + use<> {
        (0..self.series.len()).map(SeriesNo::new)
    }

    /// The different names of the events of all series, in the order of their first use.
    pub fn events(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.series.iter().flat_map(|need| &need.of.events) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Where a property stands; every number that was given out has a place.
    pub fn path(&self, property: PropertyNo) -> Option<&Path> {
        self.properties.get(property.index())
    }
}
