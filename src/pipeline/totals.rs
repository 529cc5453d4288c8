//! What series come to, kept in line with what statements do to the events of locked users.
//!
//! What an INSERT brings is added; where anything else may have happened, what is kept is dropped, and added up again by
//! whoever asks next (I16). Both are done before anybody is looked at, and what was added up is kept before anything else
//! is written: whatever a trigger of the user's does meanwhile comes after it, and is added.

use std::cell::RefCell;
use std::collections::HashMap;

use hogsend_core::criteria::{EventRow, Total};
use hogsend_core::time::Instant;

use super::{Pipeline, Subject};
use crate::pg::zones::ServerZones;
use crate::registry::{EventNo, Registry, StreamNo};
use crate::store::contacts::Contact;
use crate::store::totals::{self, Kept};

/// What a statement brought of series of which it is kept what they come to.
#[derive(Clone)]
pub(super) struct Added {
    /// The command by which the statement ran.
    command: u32,
    totals: Vec<(StreamNo, Total)>,
}

/// What was added up in a pass, and is to be kept.
pub type ToKeep = RefCell<Vec<Kept>>;

impl Subject {
    /// Notes an event that an INSERT has brought, which ran by that command, for each series it is in.
    pub fn added(
        &mut self,
        registry: &Registry,
        event: EventNo,
        at: Instant,
        row: &impl EventRow,
        command: u32,
    ) {
        if !registry.streams.keeps_of(event) {
            return;
        }
        let added = self.added.get_or_insert_with(|| {
            Box::new(Added {
                command,
                totals: Vec::new(),
            })
        });
        registry.streams.matching(event, at, row, |number| {
            if registry.streams.kept_as(number).is_none() {
                return;
            }
            let of = registry.streams.of(number);
            let said = of.said(at, row, &ServerZones);
            let place = added.totals.iter().position(|(known, _)| *known == number);
            let place = place.unwrap_or_else(|| {
                added.totals.push((number, Total::default()));
                added.totals.len() - 1
            });
            let total = &mut added.totals[place].1;
            total.add(at, &said.value, of.measured.is_some());
        });
    }

    /// Whether something happened to the series of that name.
    pub(super) fn touches(&self, registry: &Registry, series: &str) -> bool {
        let mut occurred = self.occurred.iter();
        occurred.any(|(stream, ..)| registry.streams.kept_as(*stream) == Some(series))
    }

    /// Whether something happened to a series of which it is kept what it comes to.
    pub fn touches_totals(&self, registry: &Registry) -> bool {
        let mut occurred = self.occurred.iter();
        occurred.any(|(stream, ..)| registry.streams.kept_as(*stream).is_some())
    }
}

impl Pipeline<'_> {
    /// Brings what is kept of users, who are locked, in line with what was done to their events. Of those who were
    /// just made known nobody knows what was done before.
    pub(super) fn bring_totals_in_line(
        &self,
        subjects: &[Subject],
        contacts: &HashMap<String, Contact>,
        created: &[String],
    ) {
        let streams = &self.registry.streams;
        if !streams.keep_totals || !totals::may_be(self.session.context()) {
            return;
        }
        let mut doubtful: Vec<&str> = created.iter().map(String::as_str).collect();
        let mut came: Vec<(&str, &str, &Total)> = Vec::new();
        for subject in subjects {
            let user = subject.user.as_str();
            if !contacts.contains_key(user) {
                continue;
            }
            let appeared = subject.changes.as_ref().and_then(|c| c.appeared).is_some();
            if appeared {
                doubtful.push(user);
                continue;
            }
            if subject.has_no_totals || !subject.touches_totals(self.registry) {
                continue;
            }
            match &subject.added {
                Some(added) if added.is_certain(user) => {
                    for (stream, total) in &added.totals {
                        if let Some(series) = streams.kept_as(*stream) {
                            came.push((user, series, total));
                        }
                    }
                }
                _ => doubtful.push(user),
            }
        }
        totals::drop_of(self.session, &doubtful);
        match came.as_slice() {
            [] => {}
            [(user, ..), rest @ ..] if rest.iter().all(|(other, ..)| other == user) => {
                let of_one: Vec<(&str, &Total)> = came.iter().map(|c| (c.1, c.2)).collect();
                let others = totals::add_to_one(self.session, user, &of_one);
                let others: Vec<_> = others.iter().map(|(s, t)| (*user, *s, *t)).collect();
                totals::add(self.session, &others);
            }
            came => totals::add(self.session, came),
        }
    }

    /// Keeps what was added up.
    pub(super) fn keep_totals(&self) {
        totals::put(self.session, self.to_keep.take());
    }
}

impl Added {
    /// Whether what is kept of the user does not contain it yet, and can.
    fn is_certain(&self, user: &str) -> bool {
        !totals::may_contain(user, self.command)
            && self.totals.iter().all(|(_, total)| total.can_be_kept())
    }
}
