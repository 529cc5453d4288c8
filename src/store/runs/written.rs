//! A few runs, written without SQL.

use hogsend_core::run::{Run, Status};
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::{Written, labels};
use crate::pg::direct::{Place, Repetition, Target, Writer};
use crate::pg::fit::Column;
use crate::pg::row::Row;
use crate::pg::sql::{Arg, Session};
use crate::store::steps::Step;

pub const COLUMNS: usize = 18;

pub static RUNS: Target<COLUMNS> = Target {
    table: c"journey_runs",
    columns: [
        Column::bigint(c"id"),
        Column::text(c"user_id"),
        Column::text(c"journey_id"),
        Column::int(c"entry_count"),
        Column::text(c"status"),
        Column::bigint(c"step"),
        Column::bigint(c"step_id"),
        Column::text(c"label"),
        Column::json(c"state"),
        Column::instant(c"started_at"),
        Column::instant(c"since"),
        Column::instant(c"ended_at"),
        Column::text(c"reason"),
        Column::text(c"error"),
        Column::text(c"wait_event"),
        Column::json(c"wait_filter"),
        Column::instant(c"wait_until"),
        Column::json(c"labels"),
    ],
    is_numbered: true,
    checks: &[],
    partial: Some("(ended_at IS NULL)"),
};

/// Places in [`RUNS`].
const ID: usize = 0;
const USER_ID: usize = 1;
pub const STATUS: usize = 4;
pub const STEP: usize = 5;
pub const STEP_ID: usize = 6;
const LABEL: usize = 7;
const STATE: usize = 8;
pub const SINCE: usize = 10;
pub const ENDED_AT: usize = 11;
pub const REASON: usize = 12;
const ERROR: usize = 13;
pub const WAIT_EVENT: usize = 14;
pub const WAIT_FILTER: usize = 15;
pub const WAIT_UNTIL: usize = 16;
pub const LABELS: usize = 17;

/// Whether a row is a run of that user, and has not ended.
pub fn is_live(run: i64, user: &str) -> impl Fn(&Row) -> bool {
    move |row| {
        row.bigint(ID) == Some(run) && row.text(USER_ID) == Some(user) && row.is_null(ENDED_AT)
    }
}

/// There is no live run, because the user is locked and their runs were read. Should there be one nevertheless,
/// nothing may fail.
pub fn begin(
    writer: &Writer<COLUMNS>,
    step: &Step,
    run: i64,
    number: i64,
    labels: pg_sys::Datum,
    now: Instant,
) -> bool {
    let row = [
        Arg::BigInt(run),
        Arg::Text(step.user),
        Arg::Text(step.journey),
        Arg::Int(step.entry_count),
        Arg::Text(Status::Active.as_str()),
        Arg::BigInt(step.step),
        Arg::BigInt(number),
        Arg::Raw(None),
        Arg::Raw(None),
        Arg::Instant(now),
        Arg::Instant(now),
        Arg::Raw(None),
        Arg::Raw(None),
        Arg::Raw(None),
        Arg::Raw(None),
        Arg::Raw(None),
        Arg::Raw(None),
        Arg::Raw(Some(labels)),
    ];
    writer.insert(&row, true, Repetition::Undone)
}

/// Stores what a runner has said of a run; false where that is to be done in SQL.
pub(super) fn write(session: &Session, place: Option<Place>, written: &Written) -> bool {
    let writer = session
        .direct()
        .and_then(|context| Writer::open(context, &RUNS));
    let (Some(place), Some(writer)) = (place, writer) else {
        return false;
    };
    let is_done = write_at(&writer, place, written);
    writer.close();
    is_done.unwrap_or(false)
}

fn write_at(writer: &Writer<COLUMNS>, place: Place, written: &Written) -> Option<bool> {
    let run: &Run = written.run;
    let labels = labels::datum(written.labels)?;
    let is_it = is_live(run.id, written.user);
    let status = (STATUS, Arg::Text(run.status().as_str()));
    let label = (LABEL, Arg::OptText(written.label));
    let since = (SINCE, Arg::Instant(run.since));
    let labels = (LABELS, Arg::Raw(Some(labels)));
    // A state that is not given stays.
    let state = written.state.map(|state| (STATE, Arg::Raw(Some(state))));
    let state = state.unwrap_or((LABEL, Arg::OptText(written.label)));
    Some(match &written.wait {
        None => writer.update(place, is_it, [status, label, since, labels, state], true),
        Some(wait) => {
            let set = [
                status,
                label,
                since,
                labels,
                state,
                (ENDED_AT, Arg::OptInstant(run.ended_at())),
                (ERROR, Arg::OptText(written.error)),
                (WAIT_EVENT, Arg::OptText(wait.event)),
                (WAIT_FILTER, Arg::Raw(wait.filter)),
                (WAIT_UNTIL, Arg::OptInstant(run.timer())),
            ];
            writer.update(place, is_it, set, run.is_live())
        }
    })
}
