//! Reading the stays and timers of one user by index.

use hogsend_core::stay::{Ended, Reason, Stay};
use hogsend_core::time::Instant;

use super::{EVERY_BUCKET, Stored, dwell_counts};
use crate::pg::context::Context;
use crate::pg::direct::{Latest, Source, Table};
use crate::pg::fit::Column;
use crate::pg::row::Row;
use crate::pg::sql::json_text;

pub(super) static STAYS: Source<7> = Source {
    table: c"bucket_memberships",
    key: &[
        Column::user(c"user_id"),
        Column::bucket(c"bucket_id"),
        Column::int(c"entry_count"),
    ],
    compared: 2,
    columns: [
        Column::int(c"entry_count"),
        Column::instant(c"entered_at"),
        Column::instant(c"max_dwell_at"),
        Column::instant(c"dwell_anchor_at"),
        Column::json(c"dwell_counts"),
        Column::instant(c"left_at"),
        Column::key(c"left_reason"),
    ],
};
static TIMERS: Source<1> = Source {
    table: c"bucket_timers",
    key: &[Column::user(c"user_id"), Column::bucket(c"bucket_id")],
    compared: 2,
    columns: [Column::instant(c"due_at")],
};

/// What is stored of a user's pairs.
pub struct OfUser {
    /// The latest stay, active or ended, and the timer of each pair, in the order asked.
    pub stored: Vec<Stored>,
    /// The user waits for a look at every bucket.
    pub is_queued: bool,
}

/// Up to so many pairs the indexes are asked directly; beyond, one statement is as good.
const FEW: usize = 16;

/// What is stored of a user's pairs with `buckets`; `None` where only SQL can tell.
pub fn of_user_directly(context: &Context, user: &str, buckets: &[&str]) -> Option<OfUser> {
    let tables = Tables::open(context)?;
    let found = tables.of_user(user, buckets);
    tables.close();
    found
}

/// The same of several users, each with their buckets: `None` for those of whom only SQL can tell.
pub fn of_users_directly<'u, 'b>(
    context: &Context,
    users: impl Iterator<Item = (&'u str, Vec<&'b str>)>,
) -> Option<Vec<Option<OfUser>>> {
    let tables = Tables::open(context)?;
    let found = users.map(|(user, buckets)| tables.of_user(user, &buckets));
    let found = found.collect();
    tables.close();
    Some(found)
}

/// Both tables, open, and how they are by now.
struct Tables<'c> {
    stays: Table<'c, 7>,
    timers: Table<'c, 1>,
    snapshot: Latest,
}

impl<'c> Tables<'c> {
    fn open(context: &'c Context) -> Option<Tables<'c>> {
        let stays = Table::open(context, &STAYS, false)?;
        let Some(timers) = Table::open(context, &TIMERS, false) else {
            stays.close();
            return None;
        };
        Some(Tables {
            stays,
            timers,
            snapshot: Latest::take(),
        })
    }

    fn close(self) {
        self.timers.close();
        self.stays.close();
        self.snapshot.release();
    }

    fn of_user(&self, user: &str, buckets: &[&str]) -> Option<OfUser> {
        if buckets.len() > FEW {
            return None;
        }
        let Tables {
            stays,
            timers,
            snapshot,
        } = self;
        let mut found = OfUser {
            stored: vec![Stored::default(); buckets.len()],
            is_queued: false,
        };
        let place = |bucket: &str| buckets.iter().position(|other| *other == bucket);
        each_of(stays, snapshot, user, (buckets, place), |place, row| {
            // Backwards, so that the latest comes first.
            let stored = &mut found.stored[place];
            if stored.stay.is_none() {
                stored.stay = stay_of(row);
                stored.place = Some(stays.place());
            }
        });
        let mut asked = buckets.to_vec();
        asked.push(EVERY_BUCKET);
        let place = |bucket: &str| asked.iter().position(|other| *other == bucket);
        each_of(
            timers,
            snapshot,
            user,
            (&asked, place),
            |place, row| match found.stored.get_mut(place) {
                Some(stored) => stored.timer = row.bigint(0).map(Instant),
                None => found.is_queued = true,
            },
        );
        Some(found)
    }
}

/// The latest stay of a user in each of some buckets; `None` where only SQL can tell.
pub fn latest_directly(
    context: &Context,
    user: &str,
    buckets: &[&str],
) -> Option<Vec<Option<Stay>>> {
    if buckets.len() > FEW {
        return None;
    }
    let stays = Table::open(context, &STAYS, false)?;
    let snapshot = Latest::take();
    let mut latest = vec![None; buckets.len()];
    let place = |bucket: &str| buckets.iter().position(|other| *other == bucket);
    each_of(&stays, &snapshot, user, (buckets, place), |place, row| {
        if latest[place].is_none() {
            latest[place] = stay_of(row);
        }
    });
    snapshot.release();
    stays.close();
    Some(latest)
}

/// Visits a user's rows for `buckets`, from the last of each back: all of the user's in one go while those are
/// few, else the last of each.
fn each_of<const N: usize>(
    table: &Table<N>,
    snapshot: &Latest,
    user: &str,
    (buckets, place): (&[&str], impl Fn(&str) -> Option<usize>),
    mut visit: impl FnMut(usize, &Row),
) {
    // As many as it takes to look for each bucket are as cheap.
    let most = 2 * buckets.len() + 6;
    if table.chosen(snapshot, user, most, place, |place, row| visit(place, &row)) {
        return;
    }
    for (place, bucket) in buckets.iter().enumerate() {
        table.backwards(snapshot, &[user, bucket], |row| {
            visit(place, &row);
            false
        });
    }
}

/// Reads the columns of [`STAYS`].
fn stay_of(row: &Row) -> Option<Stay> {
    let ended = row.bigint(5).map(Instant);
    let reason = row.text(6).and_then(Reason::from_name);
    // Mostly it is empty, and to write it out costs as much as the rest of the row.
    let counts = row.json(4).and(row.datum(4));
    Some(Stay {
        entry_count: row.int(0)?,
        entered_at: Instant(row.bigint(1)?),
        max_dwell_at: row.bigint(2).map(Instant),
        dwell_anchor_at: row.bigint(3).map(Instant),
        dwell_counts: dwell_counts(counts.map(json_text).as_deref()),
        ended: ended
            .zip(reason)
            .map(|(left_at, reason)| Ended { left_at, reason }),
    })
}
