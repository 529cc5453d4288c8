//! Whether a user matched before the statement that is being evaluated: its changes are taken back
//! in memory, and the same evaluator is asked.

use std::collections::HashMap;

use hogsend_core::criteria::{
    Facts, InnerNo, Membership, PropertyNo, PropertyValue, Series, SeriesNo, Total, Zones,
};
use hogsend_core::time::Instant;

use super::pair::Pair;
use super::subject::{Changes, Moved};
use super::user_facts::FactsOf;
use crate::pg::sql::Session;
use crate::pg::zones::ServerZones;
use crate::registry::{Bucket, StreamNo};
use crate::store::contacts::Contact;
use crate::store::facts::rows::{self, Found, Occurrence};
use crate::store::facts::{self, Ask, Occurrences, Question, is_by_rank};

/// For each pair, whether the criteria would hold at `now` without what the statement changed.
/// Where that is not known it is as it is now: nothing that we know of changed it.
pub(super) fn matched(
    session: &Session,
    pairs: &[&mut Pair],
    contacts: &HashMap<String, Contact>,
    now: Instant,
) -> Vec<bool> {
    let mut plain: Vec<(&str, &str, i64)> = Vec::new();
    let mut others: Vec<Question> = Vec::new();
    let mut without: Vec<Vec<i64>> = Vec::new();
    for pair in pairs {
        let (Some(changes), Some(criteria)) = (&pair.subject.changes, &pair.bucket.criteria) else {
            continue;
        };
        // What the queue tells of the time before the job is no change to it.
        let mark = pair.bucket.queued_until;
        for (need, number) in criteria.series().iter().zip(&pair.bucket.streams) {
            let user = pair.subject.user.as_str();
            let taken = changes.arrived.iter().filter(|moved| moved.of == *number);
            if is_by_rank(need) {
                // As deep as the criteria ask, below what is taken away.
                let deepest = need.ranks.last().copied().unwrap_or(1);
                let depth = deepest.saturating_add(taken.count() as u64);
                plain.push((user, &need.of.events[0], depth as i64));
            } else {
                let taken = taken.filter(|moved| moved.told.after(mark));
                without.push(taken.map(|moved| moved.id).collect());
                others.push(Question {
                    user,
                    of: &need.of,
                    ask: Ask::of(need),
                    adds_up: false,
                });
            }
        }
    }
    let mut plain = facts::latest(session, &plain).into_iter();
    let mut others = rows_without(session, &others, &without, now).into_iter();
    pairs
        .iter()
        .map(|pair| {
            let (Some(changes), Some(criteria)) = (&pair.subject.changes, &pair.bucket.criteria)
            else {
                return belonged_unmoved(pair, now);
            };
            let mark = pair.bucket.queued_until;
            let appeared = changes.appeared.is_some_and(|told| told.after(mark));
            let series = criteria.series().iter().zip(&pair.bucket.streams);
            let occurrences = series.map(|(need, number)| {
                if is_by_rank(need) {
                    let latest = plain.next().unwrap_or_default();
                    let dense = take_back(latest, *number, changes, mark);
                    return Occurrences {
                        dense,
                        ..Occurrences::default()
                    };
                }
                let found = others.next().unwrap_or_default();
                found.with(had(*number, changes, mark)).occurrences()
            });
            let facts = Earlier {
                user: &pair.subject.user,
                bucket: pair.bucket,
                changes,
                contact: contacts.get(&pair.subject.user),
                occurrences: occurrences.collect(),
                memberships: memberships(pair),
            };
            !appeared && criteria.evaluate(&facts, now).truth
        })
        .collect()
}

/// Whether somebody belonged of whom nothing else is known than in which buckets they were: as they do now, but for
/// the moves that brought the pair in.
fn belonged_unmoved(pair: &Pair, now: Instant) -> bool {
    match &pair.bucket.criteria {
        Some(criteria) if !pair.moved.is_empty() => {
            let facts = Unmoved {
                known: &pair.facts,
                memberships: memberships(pair),
            };
            criteria.evaluate(&facts, now).truth
        }
        _ => pair.belongs(),
    }
}

/// The facts of a user as they are, but for the buckets that they were in before they moved.
struct Unmoved<'a> {
    known: &'a FactsOf<'a>,
    /// For each bucket that the pair's names.
    memberships: Vec<Membership>,
}

impl Facts for Unmoved<'_> {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        self.known.series(series)
    }

    fn total(&self, series: SeriesNo) -> Option<&Total> {
        self.known.total(series)
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        self.known.property(property)
    }

    fn membership(&self, bucket: InnerNo) -> Membership {
        self.memberships
            .get(bucket.index())
            .copied()
            .unwrap_or_default()
    }

    fn user(&self) -> &str {
        self.known.user()
    }

    fn live_contact(&self) -> bool {
        self.known.live_contact()
    }

    fn zones(&self) -> &dyn Zones {
        self.known.zones()
    }
}

fn rows_without(
    session: &Session,
    questions: &[Question],
    without: &[Vec<i64>],
    now: Instant,
) -> Vec<Found> {
    let questions: Vec<&Question> = questions.iter().collect();
    let without: Vec<&[i64]> = without.iter().map(Vec::as_slice).collect();
    rows::read_without(session, &questions, &without, now)
}

/// What was in a series before the statement, of what came to be otherwise. The queue may tell several times of
/// one event, and the first time tells what it was.
fn had(series: StreamNo, changes: &Changes, mark: i64) -> Vec<Occurrence> {
    let of_series = |moved: &&Moved| moved.of == series && moved.told.after(mark);
    let mut first: HashMap<i64, &Moved> = HashMap::new();
    let departed = changes.departed.iter().filter(of_series);
    departed.for_each(|moved| {
        first.entry(moved.id).or_insert(moved);
    });
    if first.is_empty() {
        return Vec::new();
    }
    for arrived in changes.arrived.iter().filter(of_series) {
        if first
            .get(&arrived.id)
            .is_some_and(|d| arrived.told < d.told)
        {
            first.remove(&arrived.id);
        }
    }
    let occurrence = |moved: &Moved| Occurrence {
        at: moved.at,
        id: moved.id,
        said: moved.said.clone(),
    };
    first.into_values().map(occurrence).collect()
}

/// The occurrences of an event before the statement, latest first.
fn take_back(
    mut latest: Vec<Instant>,
    series: StreamNo,
    changes: &Changes,
    mark: i64,
) -> Vec<Instant> {
    let of_series =
        |moved: &Moved| (moved.of == series && moved.told.after(mark)).then_some(moved.at);
    // Some of what went had come only since.
    latest.extend(changes.departed.iter().filter_map(of_series));
    latest.sort_unstable_by(|a, b| b.cmp(a));
    for arrived in changes.arrived.iter().filter_map(of_series) {
        // Which of several at the same instant makes no difference where nothing but that is asked.
        if let Ok(place) = latest.binary_search_by(|at| arrived.cmp(at)) {
            latest.remove(place);
        }
    }
    latest
}

/// How a user stood with what a bucket names before the statement. Who moved there without a word is taken for
/// somebody who was there all along.
fn memberships(pair: &Pair) -> Vec<Membership> {
    let criteria = pair.bucket.criteria.iter();
    let numbers = criteria.flat_map(|criteria| criteria.bucket_numbers());
    let each = numbers.zip(&pair.bucket.named);
    each.map(|(number, named)| {
        let mut moved = pair.moved.iter();
        match moved.find(|moved| moved.named == *named && !moved.silent) {
            Some(moved) => moved.before,
            None => pair.facts.membership(number),
        }
    })
    .collect()
}

/// The facts of a user before the statement.
struct Earlier<'a> {
    user: &'a str,
    bucket: &'a Bucket,
    changes: &'a Changes,
    contact: Option<&'a Contact>,
    /// For each series of the bucket.
    occurrences: Vec<Occurrences>,
    /// For each bucket that it names.
    memberships: Vec<Membership>,
}

impl Facts for Earlier<'_> {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let occurrences = self.occurrences.get(series.index());
        occurrences.map_or_else(Series::default, Occurrences::series)
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        let number = *self.bucket.properties.get(property.index())?;
        if !self.live_contact() {
            return None;
        }
        let mark = self.bucket.queued_until;
        let mut changed = self.changes.properties.iter();
        match changed.find(|(p, _, told)| *p == number && told.after(mark)) {
            Some((_, earlier, _)) => earlier.as_ref(),
            None => self.contact?.property(number),
        }
    }

    fn membership(&self, bucket: InnerNo) -> Membership {
        self.memberships
            .get(bucket.index())
            .copied()
            .unwrap_or_default()
    }

    fn user(&self) -> &str {
        self.user
    }

    fn live_contact(&self) -> bool {
        self.contact.is_some_and(|contact| !contact.deleted)
    }

    fn zones(&self) -> &dyn Zones {
        &ServerZones
    }
}
