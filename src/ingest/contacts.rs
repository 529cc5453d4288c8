//! Statements on `contacts`: who is new, who is gone, and what really changed.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use pgrx::pg_sys;
use serde_json::value::RawValue;

use super::Ingest;
use crate::delivery::Outbox;
use crate::pg::fit::Column;
use crate::pg::locks;
use crate::pg::row::Row;
use crate::pg::sql::{Arg, Rows, Session, Statement, json_text};
use crate::pg::trigger::{Call, Operation, Side, trigger_function};
use crate::pipeline::{self, Pipeline, Subject, run};
use crate::registry;
use crate::store::seen_contacts;
use crate::store::totals;
use crate::store::{contacts, own, queue, runs, stays};

trigger_function!(
    hogsend_on_contacts,
    pg_finfo_hogsend_on_contacts,
    on_contacts
);

trigger_function!(
    hogsend_before_contacts,
    pg_finfo_hogsend_before_contacts,
    before_contacts
);

/// A statement on contacts locks rows long before its AFTER trigger runs. Definitions come first in
/// everybody's order of locks, so it must ask for them before it has any row.
fn before_contacts(call: &Call) {
    locks::share_definitions(&call.context);
}

/// (user, what, property, values before and after): what is `new`, `gone`, `restored`, or `changed` with the
/// property.
static CHANGED: Statement = Statement::new(
    "SELECT coalesce(n.user_id, o.user_id),
            CASE WHEN n.user_id IS NULL OR n.deleted_at IS NOT NULL THEN 'gone'
                 WHEN o.user_id IS NULL THEN 'new'
                 WHEN o.deleted_at IS NOT NULL THEN 'restored'
                 ELSE 'changed' END,
            k, (o.properties -> k)::text, (n.properties -> k)::text
     FROM hogsend_old o FULL JOIN hogsend_new n ON n.user_id = o.user_id
     LEFT JOIN unnest($1) k ON o.properties -> k IS DISTINCT FROM n.properties -> k
     WHERE k IS NOT NULL OR n.user_id IS NULL OR o.user_id IS NULL
        OR (o.deleted_at IS NULL) <> (n.deleted_at IS NULL)",
    &[pg_sys::TEXTARRAYOID],
);
static INSERTED: Statement = Statement::new(
    "SELECT n.user_id, CASE WHEN n.deleted_at IS NULL THEN 'new' ELSE 'gone' END, NULL, NULL
     FROM hogsend_new n",
    &[],
);
static DELETED: Statement = Statement::new(
    "SELECT o.user_id, 'gone', NULL, NULL FROM hogsend_old o",
    &[],
);

fn on_contacts(call: &Call) {
    if own::is_own_write() {
        return;
    }
    if call.operation == Operation::Delete {
        seen_contacts::announce_deletion(&call.context);
    }
    // An INSERT that may update fires both triggers.
    if call.operation != Operation::Truncate
        && [Side::Old, Side::New]
            .iter()
            .all(|side| call.count(*side) == 0)
    {
        return;
    }
    call.context.require_columns();
    let registry = registry::current(&locks::share_definitions(&call.context));
    Session::write(&call.context, |session| {
        let ingest = Ingest {
            call,
            session,
            registry: &registry,
            read: Cell::new(None),
        };
        if call.operation == Operation::Truncate {
            return ingest.bury_everybody();
        }
        ingest.normalise_emails();
        let (mut gone, mut present) = ingest
            .sort_out_one()
            .unwrap_or_else(|| ingest.sort_out_many());
        ingest.leave_out_aliases(&mut gone, &mut present);
        if call.operation == Operation::Update && !gone.is_empty() {
            // One of them may have got another user_id.
            seen_contacts::announce_deletion(&call.context);
        }
        let moved = ingest.moved_patches(&gone);
        ingest.bury(gone);
        ingest.put_patches_under(&mut present, moved);
        ingest.look(present, run::DATA);
    });
}

/// Who was deleted is back: is looked at by every bucket, and joins without an announcement.
fn restore(subject: &mut Subject) {
    subject.everything = true;
    subject.silent = true;
}

/// Who is gone and who is to be looked at, each in byte order.
type Sorted = (Vec<Subject>, Vec<Subject>);

/// What the comparison of two rows reads.
pub(super) static COLUMNS: [Column; 4] = [
    Column::user(c"user_id"),
    Column::instant(c"deleted_at"),
    Column::json(c"properties"),
    Column::text(c"email").optional(),
];
pub(super) const USER_ID: usize = 0;
pub(super) const DELETED_AT: usize = 1;
pub(super) const PROPERTIES: usize = 2;
pub(super) const EMAIL: usize = 3;

impl Ingest<'_> {
    /// Of an UPDATE of one row, without SQL: to plan the query would take longer than all the rest,
    /// and longer with each property that buckets reference. `None`: it is something else.
    fn sort_out_one(&self) -> Option<Sorted> {
        let mut sorted = None;
        if self.call.operation == Operation::Update && self.call.count(Side::New) == 1 {
            self.call.for_each(Side::Old, &COLUMNS, |old| {
                self.call
                    .for_each(Side::New, &COLUMNS, |new| sorted = self.compare(&old, &new));
            });
        }
        sorted
    }

    fn compare(&self, old: &Row, new: &Row) -> Option<Sorted> {
        let user = new
            .text(USER_ID)
            .filter(|user| old.text(USER_ID) == Some(*user))?;
        let mut subject = Subject::of_statement(user);
        match (old.is_null(DELETED_AT), new.is_null(DELETED_AT)) {
            (false, false) => return Some((Vec::new(), Vec::new())),
            (true, false) => return Some((vec![subject], Vec::new())),
            (false, true) => restore(&mut subject),
            (true, true) => self.compare_properties(&mut subject, old, new)?,
        }
        let is_concerned = subject.is_concerned();
        Some((
            Vec::new(),
            is_concerned.then_some(subject).into_iter().collect(),
        ))
    }

    /// `None` where that cannot be done here.
    fn compare_properties(&self, subject: &mut Subject, old: &Row, new: &Row) -> Option<()> {
        let (old, new) = (old.datum(PROPERTIES)?, new.datum(PROPERTIES)?);
        let (old, new) = (json_text(old), json_text(new));
        if old == new {
            return Some(());
        }
        // As text: a number may have more digits than a float. What is written in another way
        // (1 and 1.0) is looked at needlessly.
        let was: HashMap<String, &RawValue> = serde_json::from_str(&old).ok()?;
        let is: HashMap<String, &RawValue> = serde_json::from_str(&new).ok()?;
        let appeared = is.keys().filter(|key| !was.contains_key(*key));
        for key in was.keys().chain(appeared) {
            let [was, is] = [&was, &is].map(|values| values.get(key).map(|value| value.get()));
            if was != is {
                subject.property_changed(self.registry, key, was, is);
            }
        }
        Some(())
    }

    fn sort_out_many(&self) -> Sorted {
        self.session.register_transition_tables(self.call.data());
        let keys = self.registry.properties.keys();
        let rows = match self.call.operation {
            Operation::Insert => self.session.execute_once(&INSERTED, &[]),
            Operation::Delete => self.session.execute_once(&DELETED, &[]),
            _ => self.session.execute_once(&CHANGED, &[Arg::Texts(&keys)]),
        };
        self.sort_out(&rows)
    }

    fn sort_out(&self, rows: &Rows) -> Sorted {
        let mut gone: BTreeMap<&str, Subject> = BTreeMap::new();
        let mut present: BTreeMap<&str, Subject> = BTreeMap::new();
        for row in 0..rows.len() {
            let (Some(user), Some(what)) = (rows.text(row, 1), rows.text(row, 2)) else {
                continue;
            };
            let group = if what == "gone" {
                &mut gone
            } else {
                &mut present
            };
            let subject = group
                .entry(user)
                .or_insert_with(|| Subject::of_statement(user));
            match what {
                "new" => {
                    contacts::check_name(user);
                    contacts::check_id(user);
                    subject.appears();
                }
                "restored" => restore(subject),
                "changed" => {
                    if let Some(key) = rows.text(row, 3) {
                        let (was, is) = (rows.text(row, 4), rows.text(row, 5));
                        subject.property_changed(self.registry, key, was, is);
                    }
                }
                _ => {}
            }
        }
        (
            gone.into_values().collect(),
            present.into_values().collect(),
        )
    }

    /// Ends all stays of users who are deleted. Done at once even where evaluation is put off: it
    /// emits nothing, and a contact row that is no more could not be queued.
    fn bury(&self, mut gone: Vec<Subject>) {
        let pipeline = Pipeline::new(self.session, self.registry);
        if queue::exists(&self.call.context) {
            // Nor does the clock make those known again who are no more.
            let users: Vec<&str> = gone.iter().map(|s| s.user.as_str()).collect();
            for users in users.chunks(pipeline::PASS) {
                queue::drop_missing(self.session, users);
            }
        }
        pipeline.run(&mut gone, run::DATA, &mut Outbox::default());
    }

    /// After TRUNCATE contacts.
    fn bury_everybody(&self) {
        if queue::exists(&self.call.context) {
            queue::drop_all(self.session);
            totals::drop_all(self.session);
        }
        self.bury_all(stays::members_without_contact);
        if !self.registry.journeys.is_empty() {
            self.bury_all(runs::live::users_without_contact);
        }
    }

    /// Ends what is left of users, a few at a time: `next` returns those from one on.
    fn bury_all(&self, next: impl Fn(&Session, &str, i64) -> Vec<String>) {
        let mut last: Option<String> = None;
        loop {
            pgrx::check_for_interrupts!();
            let from = last.as_deref().unwrap_or_default();
            let users = next(self.session, from, pipeline::PASS as i64);
            if users.last() == last.as_ref() {
                return;
            }
            last = users.last().cloned();
            let mut gone: Vec<Subject> = users.iter().map(|user| Subject::new(user)).collect();
            gone.sort_unstable_by(|a, b| a.user.cmp(&b.user));
            self.bury(gone);
        }
    }
}
