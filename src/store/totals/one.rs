//! The totals of a single user, to which something is added without SQL.

use hogsend_core::criteria::Total;

use super::{OF_USER, TABLE, of_row};
use crate::pg::direct::{Latest, Place, Table, Target, Writer};
use crate::pg::fit::Column;
use crate::pg::row::Row;
use crate::pg::sql::{Arg, Session, numeric_datum};

static TOTALS: Target<8> = Target {
    table: TABLE,
    columns: [
        Column::text(c"user_id"),
        Column::text(c"series"),
        Column::bigint(c"n"),
        Column::numeric(c"total"),
        Column::numeric(c"least"),
        Column::numeric(c"most"),
        Column::instant(c"first_at"),
        Column::instant(c"last_at"),
    ],
    is_numbered: false,
    checks: &[],
    partial: None,
};

/// Places in [`TOTALS`].
const USER_ID: usize = 0;
const SERIES: usize = 1;
const N: usize = 2;
const SUM: usize = 3;
const LEAST: usize = 4;
const MOST: usize = 5;
const FIRST_AT: usize = 6;
const LAST_AT: usize = 7;

/// Adds what came of some series to the totals that there are of them; returns those to which it was not added, so
/// that it is to be done in SQL.
pub fn add_to_one<'a>(
    session: &Session,
    user: &str,
    came: &[(&'a str, &'a Total)],
) -> Vec<(&'a str, &'a Total)> {
    let Some(found) = find(session, user) else {
        return came.to_vec();
    };
    let of_series = |series: &str| found.iter().find(|(_, known, _)| known == series);
    let mut others = Vec::new();
    let wanted: Vec<_> = came
        .iter()
        .filter_map(|(series, total)| Some((*series, *total, of_series(series)?)))
        .collect();
    if wanted.is_empty() {
        return others;
    }
    let writer = session
        .direct()
        .and_then(|context| Writer::open(context, &TOTALS));
    let Some(writer) = writer else {
        return came.to_vec();
    };
    for (series, came, (place, _, known)) in wanted {
        let mut total = known.clone();
        total.add_all(came);
        let is_it = |row: &Row| row.text(USER_ID) == Some(user) && row.text(SERIES) == Some(series);
        let ends = total.ends.as_ref();
        let end = |number| Arg::Raw(Some(numeric_datum(number)));
        let set = [
            (
                N,
                Arg::BigInt(i64::try_from(total.count).unwrap_or(i64::MAX)),
            ),
            (SUM, Arg::Raw(Some(numeric_datum(&total.sum)))),
            (LEAST, ends.map_or(Arg::Raw(None), |ends| end(&ends.0))),
            (MOST, ends.map_or(Arg::Raw(None), |ends| end(&ends.1))),
            (FIRST_AT, Arg::OptInstant(total.span.map(|span| span.0))),
            (LAST_AT, Arg::OptInstant(total.span.map(|span| span.1))),
        ];
        if !writer.update(*place, is_it, set, true) {
            others.push((series, came));
        }
    }
    writer.close();
    others
}

/// Where the totals of a user are, and what they say; `None` where only SQL can tell.
fn find(session: &Session, user: &str) -> Option<Vec<(Place, String, Total)>> {
    let table = Table::open(session.direct()?, &OF_USER, false)?;
    let latest = Latest::take();
    let mut found = Some(Vec::new());
    table.backwards(&latest, &[user], |row| {
        match (of_row(&row), &mut found) {
            (Some((series, total)), Some(found)) => found.push((table.place(), series, total)),
            // What cannot be read is for SQL to change.
            _ => found = None,
        }
        found.is_some()
    });
    latest.release();
    table.close();
    found
}
