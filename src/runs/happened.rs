//! Events that came, and transitions that are announced: whose run of which journey begins, goes on or ends by
//! them.

use std::collections::BTreeMap;

use hogsend_core::run::{self, Change, Happened, Role};
use hogsend_core::time::Instant;
use serde::Serialize;

use super::filters::Passed;
use super::outcome::{self, Outcome};
use crate::delivery::Outbox;
use crate::pg::sql::Session;
use crate::pipeline::Arrival;
use crate::registry::journeys::{JourneyNo, Journeys, NameNo, Roles};
use crate::store::runs::{self, Stored};
use crate::store::steps::Properties;
use crate::store::transitions::Transition;

/// Something that journeys mention has happened to a user whose contact is locked.
pub struct Happening<'a> {
    pub user: &'a str,
    pub name: NameNo,
    /// When it came, where it waited for the clock since.
    pub arrived: Option<Instant>,
    pub what: What<'a>,
}

/// What it was.
pub enum What<'a> {
    /// An event.
    Event(&'a Arrival),
    /// A transition that the outbox tells of.
    Transition(Transition<'a>),
}

/// What there is to say of a transition, for filters and for the runner.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    bucket_id: &'a str,
    transition: &'a str,
    entry_count: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dwell_label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dwell_count: Option<i64>,
}

impl Happening<'_> {
    fn effective_at(&self, now: Instant) -> Instant {
        match &self.what {
            What::Event(arrival) => arrival.at.min(now),
            What::Transition(transition) => transition.effective_at,
        }
    }

    pub(super) fn event(&self) -> Option<i64> {
        match &self.what {
            What::Event(arrival) => Some(arrival.id),
            What::Transition(_) => None,
        }
    }

    fn properties(&self, source: &str) -> Properties {
        match &self.what {
            What::Event(arrival) => match &arrival.kept {
                Some(kept) => Properties::Known(kept.properties()),
                None => Properties::OfEvent,
            },
            What::Transition(_) => self
                .said(source)
                .map_or(Properties::Known(None), Properties::Said),
        }
    }

    /// What there is to say of it if it is a transition, as JSON.
    pub(super) fn said(&self, source: &str) -> Option<String> {
        let What::Transition(transition) = &self.what else {
            return None;
        };
        let said = Said {
            bucket_id: transition.bucket,
            transition: transition.transition,
            entry_count: transition.entry_count,
            reason: transition.reason,
            source,
            dwell_label: transition.dwell.map(|(label, _)| label),
            dwell_count: transition.dwell.map(|(_, count)| count),
        };
        serde_json::to_string(&said).ok()
    }
}

/// One user and one journey, and what of all that happened concerns it.
pub(super) struct Pair<'a> {
    pub user: &'a str,
    pub journey: JourneyNo,
    /// The places of what happened, and what each is to the journey.
    pub happened: Vec<(usize, Roles)>,
    pub latest: Option<Stored>,
}

impl Pair<'_> {
    /// The run, if it waits for something that happened: what of it has that name.
    pub fn awaits<'p>(
        &'p self,
        journeys: &'p Journeys,
        all: &'p [Happening],
    ) -> Option<(&'p Stored, impl Iterator<Item = usize> + 'p)> {
        let latest = self
            .latest
            .as_ref()
            .filter(|latest| latest.run.timer().is_some())?;
        let awaited = latest.wait_event.as_deref()?;
        let places = self.happened.iter().map(|(place, _)| *place);
        let named = places.filter(move |place| journeys.name(all[*place].name) == awaited);
        Some((latest, named))
    }
}

/// Begins, resumes and ends runs by what happened in a statement, in the order in which it did: events
/// before transitions. What it writes are as many statements as for one user.
pub fn happened(
    session: &Session,
    journeys: &Journeys,
    happenings: &[Happening],
    source: &str,
    now: Instant,
    outbox: &mut Outbox,
) {
    let mut pairs = pairs(journeys, happenings);
    if pairs.is_empty() {
        return;
    }
    let users: Vec<&str> = pairs.iter().map(|pair| pair.user).collect();
    let ids: Vec<&str> = pairs
        .iter()
        .map(|p| journeys.journey(p.journey).id.as_str())
        .collect();
    for (pair, latest) in pairs.iter_mut().zip(runs::latest(session, &users, &ids)) {
        pair.latest = latest;
    }
    let passed = Passed::of(session, journeys, &pairs, happenings, source);
    let mut outcomes = Vec::new();
    for pair in &pairs {
        let Some((change, place)) = decide(pair, journeys, happenings, &passed, now) else {
            continue;
        };
        let by = &happenings[place];
        outcomes.push(Outcome {
            user: pair.user,
            journey: &journeys.journey(pair.journey).id,
            run: pair.latest.as_ref(),
            change,
            reason: Some(journeys.name(by.name)),
            event: by.event(),
            properties: by.properties(source),
            effective_at: by.effective_at(now),
        });
    }
    outcome::write(session, &outcomes, source, now, outbox);
}

/// The pairs of users and journeys that are concerned, in the order of the users' ids.
fn pairs<'a>(journeys: &Journeys, happenings: &[Happening<'a>]) -> Vec<Pair<'a>> {
    let mut pairs: BTreeMap<(&str, JourneyNo), Vec<(usize, Roles)>> = BTreeMap::new();
    for (place, happening) in happenings.iter().enumerate() {
        for (journey, roles) in journeys.concerned(happening.name) {
            let may_begin = roles.starts && journeys.journey(*journey).policy.enabled;
            if may_begin || roles.exits || roles.is_awaited {
                let pair = pairs.entry((happening.user, *journey)).or_default();
                pair.push((place, *roles));
            }
        }
    }
    pairs
        .into_iter()
        .map(|((user, journey), happened)| Pair {
            user,
            journey,
            happened,
            latest: None,
        })
        .collect()
}

fn decide(
    pair: &Pair,
    journeys: &Journeys,
    happenings: &[Happening],
    passed: &Passed,
    now: Instant,
) -> Option<(Change, usize)> {
    let mut happened: Vec<Happened> = Vec::new();
    let mut note = |role, place: usize| {
        let arrived = happenings[place].arrived;
        happened.push(Happened {
            role,
            place,
            arrived,
        });
    };
    for (place, roles) in &pair.happened {
        if roles.exits {
            note(Role::Exit, *place);
        }
        if roles.starts {
            note(Role::Start, *place);
        }
    }
    if let Some((latest, awaited)) = pair.awaits(journeys, happenings) {
        for place in awaited {
            if latest.wait_filter.is_none() || passed.contains(latest.run.id, place) {
                note(Role::Awaited, place);
            }
        }
    }
    let policy = &journeys.journey(pair.journey).policy;
    let latest = pair.latest.as_ref().map(|latest| &latest.run);
    run::happen(policy, latest, &happened, now)
}
