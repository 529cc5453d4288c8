//! A few stays that begin or end, written without SQL: what the statements in `writes` do costs five times as much
//! as storing the rows.

use hogsend_core::stay::Change;
use hogsend_core::time::Instant;

use super::Move;
use crate::pg::direct::{MOST, Repetition, Target, Writer};
use crate::pg::fit::Column;
use crate::pg::row::Row;
use crate::pg::sql::{Arg, Session};

static STAYS: Target<13> = Target {
    table: c"bucket_memberships",
    columns: [
        Column::text(c"user_id"),
        Column::text(c"bucket_id"),
        Column::int(c"entry_count"),
        Column::text(c"status"),
        Column::instant(c"entered_at"),
        Column::instant(c"left_at"),
        Column::text(c"left_reason"),
        Column::text(c"source"),
        Column::instant(c"max_dwell_at"),
        Column::instant(c"dwell_anchor_at"),
        Column::json(c"dwell_counts"),
        Column::boolean(c"announced"),
        Column::boolean(c"left_announced"),
    ],
    is_numbered: false,
    checks: &[
        "(entry_count > 0)",
        "(status = ANY (ARRAY['active'::text, 'left'::text]))",
        "(left_reason = ANY (ARRAY['criteria'::text, 'maxDwell'::text, 'manual'::text, 'bucketDeleted'::text, 'deleted'::text, 'merged'::text]))",
        "(source = ANY (ARRAY['event'::text, 'reconcile'::text, 'backfill'::text, 'manual'::text]))",
        "((status = 'left'::text) = ((left_at IS NOT NULL) AND (left_reason IS NOT NULL)))",
    ],
    partial: Some("(status = 'active'::text)"),
};

/// Places in [`STAYS`].
const USER_ID: usize = 0;
const BUCKET_ID: usize = 1;
const ENTRY_COUNT: usize = 2;
const STATUS: usize = 3;
const LEFT_AT: usize = 5;
const LEFT_REASON: usize = 6;
const LEFT_ANNOUNCED: usize = 12;

/// Begins and ends those of the stays for which it is simple; which of them it did.
pub(super) fn moves(session: &Session, moves: &[Move], now: Instant, source: &str) -> Vec<bool> {
    let nothing = || vec![false; moves.len()];
    if moves.len() > MOST {
        return nothing();
    }
    let writer = session
        .direct()
        .and_then(|context| Writer::open(context, &STAYS));
    let Some(writer) = writer else {
        return nothing();
    };
    let done = moves.iter().map(|moved| match moved.begins() {
        true => begin(&writer, moved, now, source),
        false => end(&writer, moved, now),
    });
    let done = done.collect();
    writer.close();
    done
}

/// There is no such stay, because the user is locked and their stays were read. Should there be one nevertheless,
/// nothing may fail.
fn begin(writer: &Writer<13>, moved: &Move, now: Instant, source: &str) -> bool {
    let row = [
        Arg::Text(moved.user),
        Arg::Text(moved.bucket),
        Arg::Int(moved.entry_count()),
        Arg::Text("active"),
        Arg::Instant(now),
        Arg::OptInstant(None),
        Arg::OptText(None),
        Arg::Text(source),
        Arg::OptInstant(moved.max_dwell_at()),
        Arg::OptInstant(moved.dwell_anchor_at),
        Arg::Json(c"{}"),
        Arg::Bool(moved.is_announced()),
        Arg::Raw(None),
    ];
    writer.insert(&row, true, Repetition::Undone)
}

fn end(writer: &Writer<13>, moved: &Move, now: Instant) -> bool {
    let (Some(place), Change::Leave { reason, .. }) = (moved.place, moved.change) else {
        return false;
    };
    let is_it = |row: &Row| {
        row.text(USER_ID) == Some(moved.user)
            && row.text(BUCKET_ID) == Some(moved.bucket)
            && row.int(ENTRY_COUNT) == Some(moved.entry_count())
            && row.is_null(LEFT_AT)
    };
    let set = [
        (STATUS, Arg::Text("left")),
        (LEFT_AT, Arg::Instant(now)),
        (LEFT_REASON, Arg::Text(reason.as_str())),
        (LEFT_ANNOUNCED, Arg::Bool(moved.is_announced())),
    ];
    writer.update(place, is_it, set, false)
}
