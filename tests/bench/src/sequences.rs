//! Two steps, one after the other, of which a user has many rows each: an event is read and evaluated with all of
//! them and moves nobody, because each second step comes a minute too late.

use crate::Scale;
use crate::alternate::{Extent, inserts_of};
use crate::filters::{connect, copy_plain};
use crate::report::{Report, Target};
use crate::setup::{count, settle};
use crate::stats::median;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;

/// Users whom the session remembers.
const PEOPLE: u64 = 50;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let mut client = connect(cluster, "sequences")?;
    client.batch_execute("SET hogsend.inline_backfill = 0")?;
    for rows in [10, 1_000] {
        client.batch_execute(&format!(
            "INSERT INTO user_events (user_id, event, occurred_at)
             SELECT 'user-' || u, step || '{rows}', now() - n * interval '30 days' / {rows} + late
             FROM generate_series(0, {PEOPLE} - 1) u, generate_series(1, {rows}) n,
                  (VALUES ('first', interval '0'), ('second', interval '2 minutes')) steps (step, late);
             INSERT INTO buckets (id, criteria) VALUES ('of{rows}', hogsend_sequence(ARRAY[
                 hogsend_step('first{rows}'), hogsend_step('second{rows}', within => '1 minute')], within => '60 days'))"
        ))?;
    }
    settle(&mut client)?;
    copy_plain(&mut client)?;
    let before = count(&mut client, "bucket_transitions")?;
    for rows in [10, 1_000] {
        let row = format!("(user_id, event) VALUES ($1, 'first{rows}')");
        let extent = Extent {
            turns: scale.choose(6, 24),
            statements: 200,
        };
        let turns = inserts_of(&mut client, &row, extent, |n| {
            format!("user-{}", n % PEOPLE)
        })?;
        let what = format!("one row, two steps of {rows} rows each are read");
        let millis = (median(&turns.measured) - median(&turns.control)) / 1_000.0;
        match rows {
            10 => report.add_with_target(&what, "plain table", turns, Target::AtMost(2.0)),
            _ => report.add(&what, "plain table", turns),
        }
        let target = (rows == 1_000).then_some(Target::AtMost(2.0));
        report.figure(&format!("{what}: over plain"), millis, "ms", target);
    }
    let after = count(&mut client, "bucket_transitions")?;
    ensure!(before == after, "somebody was moved");
    Ok(())
}
