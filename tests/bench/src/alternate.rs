//! One-row INSERTs into two tables in turns, by the latency that the client sees.

use crate::report::Turns;
use crate::stats::{median, timed};
use anyhow::Result;
use postgres::Client;

/// Statements of one side that follow each other before it is the other's turn.
const RUN: u64 = 20;

/// How much is measured: turns, and statements of each side in one of them.
#[derive(Clone, Copy)]
pub struct Extent {
    pub turns: u64,
    pub statements: u64,
}

/// Inserts `event` for the same users into `user_events` and into `plain`: `user` says who is the n-th. The
/// first turn warms caches and plans, and is not counted.
pub fn inserts(
    client: &mut Client,
    event: &str,
    extent: Extent,
    user: impl FnMut(u64) -> String,
) -> Result<Turns> {
    let row = format!("(user_id, event) VALUES ($1, '{event}')");
    inserts_of(client, &row, extent, user)
}

/// The same with any row: `row` is what follows the table's name, and the user is its $1.
pub fn inserts_of(
    client: &mut Client,
    row: &str,
    extent: Extent,
    user: impl FnMut(u64) -> String,
) -> Result<Turns> {
    let insert = |table: &str| format!("INSERT INTO {table} {row}");
    let both = [insert("user_events"), insert("plain")];
    statements(client, both.each_ref().map(String::as_str), extent, user)
}

/// Any two statements of a user, who is their $1: what is measured, and the control.
pub fn statements(
    client: &mut Client,
    [measured, control]: [&str; 2],
    extent: Extent,
    mut user: impl FnMut(u64) -> String,
) -> Result<Turns> {
    let tables = [client.prepare(measured)?, client.prepare(control)?];
    let mut turns = Turns::default();
    let mut inserted = 0;
    for turn in 0..=extent.turns {
        let mut latencies = [Vec::new(), Vec::new()];
        let mut rest = extent.statements;
        while rest > 0 {
            let run = rest.min(RUN);
            let users: Vec<String> = (inserted..inserted + run).map(&mut user).collect();
            for (table, latencies) in tables.iter().zip(&mut latencies) {
                for user in &users {
                    latencies.push(timed(|| client.execute(table, &[user]))?.0);
                }
            }
            inserted += run;
            rest -= run;
        }
        if turn > 0 {
            let [measured, control] = latencies.map(|latencies| median(&latencies));
            turns.add(measured, control);
        }
    }
    Ok(turns)
}
