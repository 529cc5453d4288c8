//! Whether a user matched before the statement that is being evaluated: its changes are taken back
//! in memory, and the same evaluator is asked.

use std::collections::HashMap;

use hogsend_core::criteria::{Facts, PropertyNo, PropertyValue, Series, SeriesNo};
use hogsend_core::time::Instant;

use super::pair::Pair;
use super::subject::{Changes, Told};
use crate::pg::sql::Session;
use crate::registry::{Bucket, EventNo};
use crate::store::contacts::Contact;
use crate::store::facts;

/// For each pair, whether the criteria would hold at `now` without what the statement changed.
/// Where that is not known it is as it is now: nothing that we know of changed it.
pub(super) fn matched(
    session: &Session,
    pairs: &[&mut Pair],
    contacts: &HashMap<String, Contact>,
    now: Instant,
) -> Vec<bool> {
    let mut questions: Vec<(&str, &str, i64)> = Vec::new();
    for pair in pairs {
        let (Some(changes), Some(criteria)) = (&pair.subject.changes, &pair.bucket.criteria) else {
            continue;
        };
        for (need, number) in criteria.series().iter().zip(&pair.bucket.events) {
            // As deep as the criteria ask, below what is taken away.
            let deepest = need.ranks.last().copied().unwrap_or(1);
            let taken = changes
                .arrived
                .iter()
                .filter(|arrived| arrived.0 == *number);
            let depth = deepest.saturating_add(taken.count() as u64);
            questions.push((&pair.subject.user, &need.of.events[0], depth as i64));
        }
    }
    let mut answers = facts::latest(session, &questions).into_iter();
    pairs
        .iter()
        .map(|pair| {
            let (Some(changes), Some(criteria)) = (&pair.subject.changes, &pair.bucket.criteria)
            else {
                return pair.belongs();
            };
            // What the queue tells of the time before the job is no change to it.
            let mark = pair.bucket.queued_until;
            let appeared = changes.appeared.is_some_and(|told| told.after(mark));
            let events: Vec<Vec<Instant>> = pair
                .bucket
                .events
                .iter()
                .zip(&mut answers)
                .map(|(number, latest)| take_back(latest, *number, changes, mark))
                .collect();
            let facts = Earlier {
                user: &pair.subject.user,
                bucket: pair.bucket,
                changes,
                contact: contacts.get(&pair.subject.user),
                events,
            };
            !appeared && criteria.evaluate(&facts, now).truth
        })
        .collect()
}

/// The occurrences of an event before the statement, latest first.
fn take_back(
    mut latest: Vec<Instant>,
    event: EventNo,
    changes: &Changes,
    mark: i64,
) -> Vec<Instant> {
    let of_event = |(number, at, told): &(EventNo, Instant, Told)| {
        (*number == event && told.after(mark)).then_some(*at)
    };
    // Some of what went had come only since.
    latest.extend(changes.departed.iter().filter_map(of_event));
    latest.sort_unstable_by(|a, b| b.cmp(a));
    for arrived in changes.arrived.iter().filter_map(of_event) {
        // Which of several at the same instant makes no difference.
        if let Ok(place) = latest.binary_search_by(|at| arrived.cmp(at)) {
            latest.remove(place);
        }
    }
    latest
}

/// The facts of a user before the statement.
struct Earlier<'a> {
    user: &'a str,
    bucket: &'a Bucket,
    changes: &'a Changes,
    contact: Option<&'a Contact>,
    events: Vec<Vec<Instant>>,
}

impl Facts for Earlier<'_> {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let latest = self.events.get(series.index());
        Series {
            latest: latest.map_or(&[], Vec::as_slice),
            ..Series::default()
        }
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

    fn user(&self) -> &str {
        self.user
    }

    fn live_contact(&self) -> bool {
        self.contact.is_some_and(|contact| !contact.deleted)
    }
}
