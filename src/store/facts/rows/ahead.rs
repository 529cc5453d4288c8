//! What all users did, read through for a job that will ask for it.
//!
//! To fetch rows where the index points to costs some ten times as much as to read them in the order in which
//! they lie. So where a job is going to ask for many of a table's rows the table is read through once, and
//! what is in the job's series is kept for the parts of the job that are still to come.
//!
//! They are other transactions, and later ones. But whoever changes what a user did locks the user's row and
//! leaves a mark on it. So it is given only of those whose row bears no mark, and is no version, of anybody
//! who had not ended when the table was read ([`Seen::is_as_it_was`](crate::pg::direct::Seen)); the others are
//! looked up. What rests on the tables being the same, and on nothing of ours having been undone, is told
//! by the numbers of [`memory`]. Whoever reads nothing of it in a transaction does not need it any more.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hogsend_core::criteria::{Filter, Said, SeriesOf};
use hogsend_core::time::Instant;
use pgrx::pg_sys;
use pgrx::prelude::*;

use super::source::{OF_EVENT, THROUGH, THROUGH_EVENT, THROUGH_USER};
use super::{Found, Occurrence};
use crate::pg::direct::{Latest, Table};
use crate::pg::memory;
use crate::pg::moment::Ended;
use crate::pg::sql::Session;
use crate::pg::zones::ServerZones;
use crate::store::facts::Occurrences;

/// What a job is going to ask for.
#[derive(Clone, Copy)]
pub struct Coming {
    /// The job.
    pub job: i64,
    /// How many contacts it has yet to look at, about; none before it has begun.
    pub contacts: i64,
}

/// A table is read through where so many of its rows a page would be fetched by index: some 75 are on a page,
/// and to fetch one of them costs as much as to read about ten.
const ROWS_A_PAGE: u64 = 12;

/// So many occurrences are kept, at most: about 100 MB with whose they are.
const MOST: usize = 3_000_000;

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::new(Kept::default());
    /// The present transaction has asked for it.
    static ASKED: Cell<bool> = const { Cell::new(false) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
}

#[derive(Default)]
struct Kept {
    /// For which job of which installation.
    of: (u64, i64),
    all: Option<Rc<Ahead>>,
    /// What it rests on.
    rests_on: [u64; 3],
    /// It has been read through before, or is not worth it.
    once: bool,
    /// How many contacts were looked at by index since then, and how many rows were fetched for them.
    contacts: u64,
    rows: u64,
}

/// What all users did of some series, at a moment.
pub struct Ahead {
    then: Ended,
    users: HashMap<Box<str>, u32>,
    series: Vec<(SeriesOf, Kind)>,
}

/// The occurrences of one series, those of each user together, from the latest back.
#[derive(Default)]
struct Kind {
    rows: Vec<Row>,
    /// Where those of each user begin, and where those of the last end.
    begins: Vec<u32>,
}

/// One occurrence.
struct Row {
    user: u32,
    said: Said,
    at: Instant,
    id: i64,
}

/// What is kept for a job. Where there is nothing yet, and `series` are worth it, the table is read through.
pub fn of_job(session: &Session, coming: Coming, series: &[&SeriesOf]) -> Option<Rc<Ahead>> {
    let context = session.direct()?;
    if series.is_empty() {
        return None;
    }
    hook();
    ASKED.set(true);
    let rests_on = || {
        [
            memory::undone(),
            memory::changes_of(context.table(c"contacts")),
            memory::changes_of(context.table(c"user_events")),
        ]
    };
    let of = (context.number, coming.job);
    KEPT.with_borrow_mut(|kept| {
        if kept.of != of {
            *kept = Kept {
                of,
                ..Kept::default()
            };
        }
        if kept.all.is_some() && kept.rests_on != rests_on() {
            kept.all = None;
        }
        if let Some(all) = &kept.all {
            let is_there = |of: &&SeriesOf| all.series.iter().any(|(known, _)| known == *of);
            return series.iter().all(is_there).then(|| Rc::clone(all));
        }
        let fetched = kept.rows;
        let is_worth_it = |pages: u32| {
            let worth = u64::from(pages) * ROWS_A_PAGE;
            // To have been wrong once must not cost more than to have been right would have saved.
            let is_due = !kept.once || fetched > worth;
            let each = coming.contacts.max(0) as u64;
            is_due && kept.contacts > 0 && fetched.saturating_mul(each) / kept.contacts > worth
        };
        let table = Table::open(context, &THROUGH, false)?;
        if is_worth_it(table.pages()) {
            (kept.once, kept.contacts, kept.rows) = (true, 0, 0);
            kept.rests_on = rests_on();
            let snapshot = Latest::take();
            kept.all = read(&table, &snapshot, series).map(Rc::new);
            snapshot.release();
        }
        table.close();
        kept.all.clone()
    })
}

/// Notes that rows were fetched for contacts of a job that had to be looked up.
pub fn note(contacts: usize, rows: usize) {
    KEPT.with_borrow_mut(|kept| {
        kept.contacts += contacts as u64;
        kept.rows += rows as u64;
    });
}

/// Lets go what is kept: the job is at its end.
pub fn forget() {
    KEPT.take();
}

/// `None` where it is too much.
fn read(table: &Table<7>, snapshot: &Latest, series: &[&SeriesOf]) -> Option<Ahead> {
    let then = Ended::at(snapshot)?;
    let names = series.iter().flat_map(|of| &of.events);
    let names: Vec<&str> = names.map(String::as_str).collect();
    let mut users: HashMap<Box<str>, u32> = HashMap::new();
    let mut kinds: Vec<(SeriesOf, Kind)> = Vec::new();
    kinds.extend(series.iter().map(|of| ((*of).clone(), Kind::default())));
    let mut count = 0;
    table.through(snapshot, (THROUGH_EVENT, &names), |row| {
        let (Some(user), Some(event)) = (row.text(THROUGH_USER), row.text(THROUGH_EVENT)) else {
            return true;
        };
        let at = Instant(row.bigint(0).unwrap_or(i64::MIN));
        let (id, document) = (row.bigint(1).unwrap_or(0), row.event(OF_EVENT));
        let passes = |filter: &Filter| filter.passes(&document, &ServerZones);
        for (of, kind) in &mut kinds {
            if !of.events.iter().any(|name| name == event)
                || of.since.is_some_and(|since| at < since)
                || of.until.is_some_and(|until| at >= until)
                || !of.filter.as_deref().is_none_or(passes)
            {
                continue;
            }
            let known = users.get(user).copied();
            let user = known.unwrap_or_else(|| {
                let number = users.len() as u32;
                users.insert(user.into(), number);
                number
            });
            count += 1;
            kind.rows.push(Row {
                user,
                said: of.said(at, &document, &ServerZones),
                at,
                id,
            });
        }
        count <= MOST
    });
    for (_, kind) in &mut kinds {
        kind.arrange(users.len());
    }
    (count <= MOST).then_some(Ahead {
        then,
        users,
        series: kinds,
    })
}

impl Kind {
    fn arrange(&mut self, users: usize) {
        let key = |row: &Row| (row.user, std::cmp::Reverse((row.at, row.id)));
        self.rows.sort_unstable_by_key(key);
        let mut begins = Vec::with_capacity(users + 1);
        for (place, row) in self.rows.iter().enumerate() {
            while begins.len() <= row.user as usize {
                begins.push(place as u32);
            }
        }
        begins.resize(users + 1, self.rows.len() as u32);
        self.begins = begins;
    }

    fn of(&self, user: u32) -> &[Row] {
        let begin = |user: u32| self.begins[user as usize] as usize;
        &self.rows[begin(user)..begin(user + 1)]
    }
}

impl Ahead {
    /// As of when it is.
    pub fn then(&self) -> &Ended {
        &self.then
    }

    /// All that a user did of a series.
    pub fn occurrences(&self, user: &str, of: &SeriesOf) -> Occurrences {
        let mut found = Found::default();
        let kind = self.series.iter().find(|(known, _)| known == of);
        if let (Some((_, kind)), Some(user)) = (kind, self.users.get(user)) {
            let rows = kind.of(*user).iter();
            found.rows.extend(rows.map(|row| Occurrence {
                at: row.at,
                id: row.id,
                said: row.said.clone(),
            }));
        }
        found.oldest = found.rows.last().cloned();
        found.visited = found.rows.len();
        found.occurrences()
    }
}

fn hook() {
    if !HOOKED.replace(true) {
        // SAFETY: the callback is guarded and lives as long as the library, which is never unloaded.
        // Registered once a backend.
        unsafe { pg_sys::RegisterXactCallback(Some(on_end), std::ptr::null_mut()) };
    }
}

/// Lets go what the transaction that ends has not asked for.
#[pg_guard]
unsafe extern "C-unwind" fn on_end(event: pg_sys::XactEvent::Type, _arg: *mut std::ffi::c_void) {
    let is_end = event == pg_sys::XactEvent::XACT_EVENT_COMMIT
        || event == pg_sys::XactEvent::XACT_EVENT_ABORT
        || event == pg_sys::XactEvent::XACT_EVENT_PREPARE;
    if is_end && !ASKED.replace(false) {
        // Where an error has come while it was at work there is nothing to be kept either.
        KEPT.with(|kept| {
            if let Ok(mut kept) = kept.try_borrow_mut() {
                *kept = Kept::default();
            }
        });
    }
}
