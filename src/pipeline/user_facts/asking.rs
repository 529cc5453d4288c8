//! What is to be asked of users for some buckets, and what need not be, because it is kept what their series come to.

use std::collections::HashSet;

use hogsend_core::criteria::{Criteria, SeriesNeed, Total};

use crate::pg::context::Context;
use crate::pg::sql::Session;
use crate::registry::{BucketNo, Registry, StreamNo};
use crate::store::facts::{Ask, Occurrences, Question};
use crate::store::queue;
use crate::store::totals::{self, Kept, Known};

/// What must be read to see who matches.
pub(super) fn to_read(criteria: &Criteria) -> &[SeriesNeed] {
    &criteria.series()[..criteria.series_to_read()]
}

/// Adds what is to be asked of a user for some buckets to the questions. What is kept of them is not asked; where
/// nothing is said of that, none is to be kept either.
pub(super) fn ask<'q>(
    registry: &'q Registry,
    user: &'q str,
    buckets: &[BucketNo],
    mut known: Option<OfUser>,
    questions: &mut Vec<Question<'q>>,
) -> Asked {
    let mut places: Vec<(StreamNo, usize)> = Vec::new();
    let mut totals: Vec<(StreamNo, Total)> = Vec::new();
    for number in buckets {
        let bucket = registry.bucket(*number);
        let needs = bucket.criteria.iter().flat_map(to_read);
        for (need, stream) in needs.zip(&bucket.streams) {
            let series = registry.streams.kept_as(*stream);
            let mut is_known = series.is_some() && totals.iter().any(|(s, _)| s == stream);
            if let (false, Some(series), Some(known)) = (is_known, series, &mut known)
                && let Some(total) = known.take(series)
            {
                totals.push((*stream, total));
                is_known = true;
            }
            let mut beside = Ask::default();
            if is_known {
                beside.add_beside_total(need);
                if beside.is_nothing() {
                    continue;
                }
            }
            let place = match places.iter().find(|(asked, _)| asked == stream) {
                Some((_, place)) => *place,
                None => {
                    places.push((*stream, questions.len()));
                    questions.push(Question {
                        user,
                        of: registry.streams.of(*stream),
                        ask: Ask::default(),
                        adds_up: false,
                    });
                    questions.len() - 1
                }
            };
            if is_known {
                questions[place].ask.add_beside_total(need);
                continue;
            }
            questions[place].ask.add(need);
            let may_keep = known.as_ref().is_some_and(|known| !known.in_doubt);
            questions[place].adds_up |= may_keep && need.keeps_total;
        }
    }
    places.sort_unstable_by_key(|(stream, place)| (*stream, *place));
    Asked { places, totals }
}

/// Notes what was added up and is to be kept.
pub(super) fn add_up(
    registry: &Registry,
    questions: &[Question],
    answers: &[Occurrences],
    to_keep: &mut Vec<Kept>,
) {
    let of_those = questions.iter().zip(answers).filter(|(q, _)| q.adds_up);
    to_keep.extend(of_those.filter_map(|(question, answer)| {
        let total = answer.total(question.of)?;
        let stream = registry.streams.number_of(question.of)?;
        Some(Kept {
            user: question.user.to_owned(),
            series: registry.streams.kept_as(stream)?.to_owned(),
            total,
        })
    }));
}

/// What is kept of the subjects of a pass.
pub(super) struct Totals<'s> {
    known: Known,
    /// What is kept of those is not to be relied on, nor is anything to be kept of them.
    in_doubt: HashSet<&'s str>,
}

/// The same of one user.
pub(super) struct OfUser<'t> {
    user: &'t str,
    known: &'t mut Known,
    in_doubt: bool,
}

impl<'s> Totals<'s> {
    /// Reads nothing unless some bucket of theirs asks for some.
    pub fn load(
        session: &Session,
        registry: &Registry,
        asked: &[(&'s str, &[BucketNo])],
    ) -> Totals<'s> {
        let keeps = |(_, buckets): &&(&str, &[BucketNo])| {
            let buckets = buckets.iter();
            let mut streams = buckets.flat_map(|number| &registry.bucket(*number).streams);
            streams.any(|stream| registry.streams.kept_as(*stream).is_some())
        };
        let mut totals = Totals {
            known: Known::new(),
            in_doubt: HashSet::new(),
        };
        if !registry.streams.keep_totals || !totals::exists(session.context()) {
            totals.in_doubt = asked.iter().map(|(user, _)| *user).collect();
            return totals;
        }
        let users = asked.iter().filter(keeps).map(|(user, _)| *user);
        let users: Vec<&'s str> = users.collect();
        if users.is_empty() {
            return totals;
        }
        totals.in_doubt = totals::in_doubt(session, &users);
        if totals::may_be(session.context()) {
            totals.known = totals::of_users(session, &users);
        }
        totals
    }

    pub fn of_user<'t>(&'t mut self, user: &'t str) -> OfUser<'t> {
        OfUser {
            user,
            in_doubt: self.in_doubt.contains(user),
            known: &mut self.known,
        }
    }
}

impl<'t> OfUser<'t> {
    /// Of a user of whom nothing is in doubt.
    pub fn certain(user: &'t str, known: &'t mut Known) -> OfUser<'t> {
        OfUser {
            user,
            known,
            in_doubt: false,
        }
    }

    /// What a series comes to.
    fn take(&mut self, series: &str) -> Option<Total> {
        if self.in_doubt || self.known.is_empty() {
            return None;
        }
        let key = (self.user.to_owned(), series.to_owned());
        self.known.remove(&key)
    }
}

/// What is to be read of a user, and what need not be.
#[derive(Default)]
pub(super) struct Asked {
    /// Which question is about which series.
    pub places: Vec<(StreamNo, usize)>,
    pub totals: Vec<(StreamNo, Total)>,
}

/// What is kept of a user, without SQL; `None` where only that can tell, or it is not to be relied on.
pub(super) fn known_directly(
    context: &Context,
    registry: &Registry,
    user: &str,
    buckets: &[BucketNo],
    kept: Option<Vec<(String, Total)>>,
) -> Option<Known> {
    let mut streams = buckets.iter().flat_map(|n| &registry.bucket(*n).streams);
    let keeps = registry.streams.keep_totals
        && streams.any(|stream| registry.streams.kept_as(*stream).is_some());
    let found = match kept {
        _ if !keeps => Vec::new(),
        Some(kept) => kept,
        None if totals::may_be(context) => totals::of_user_directly(context, user)?,
        None => Vec::new(),
    };
    if !found.is_empty() && queue::contains_directly(context, user)? {
        return None;
    }
    let found = found.into_iter();
    Some(
        found
            .map(|(series, total)| ((user.to_owned(), series), total))
            .collect(),
    )
}
