//! A sum over what a user did in a window, which is read and evaluated and moves nobody; over all that a user ever
//! did; and two windows compared.

use crate::Scale;
use crate::alternate::{Extent, inserts_of};
use crate::filters::{connect, copy_plain};
use crate::report::{Report, Target};
use crate::setup::{count, settle};
use crate::stats::Random;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;

/// Users whom a session remembers.
const REMEMBERED: u64 = 50;

/// An event of which there are so many rows a user, and the leg that measures it, which nobody reaches.
struct Kind {
    event: &'static str,
    rows: u64,
    what: &'static str,
    criteria: &'static str,
    target: Option<f64>,
}

const KINDS: [Kind; 5] = [
    Kind {
        event: "sum100",
        rows: 100,
        what: "a sum over 100 rows in a window is read",
        criteria: "hogsend_sum('sum100', within => '60 days', at_least => 1000000000)",
        target: Some(3.0),
    },
    Kind {
        event: "sum1000",
        rows: 1_000,
        what: "a sum over 1,000 rows in a window is read",
        criteria: "hogsend_sum('sum1000', within => '60 days', at_least => 1000000000)",
        target: Some(12.0),
    },
    Kind {
        event: "days100",
        rows: 100,
        what: "the days of 100 rows in a window are counted",
        criteria: "hogsend_distinct('days100', of => '$day', within => '60 days', at_least => 1000000)",
        target: None,
    },
    Kind {
        event: "halves100",
        rows: 100,
        what: "the counts of two windows over 100 rows are compared",
        criteria: "hogsend_compare(hogsend_event('halves100', within => '30 days'), 'lt',
                       hogsend_event('halves100', within => '60 days', older_than => '30 days'), 0.1)",
        target: None,
    },
    Kind {
        event: "ever100",
        rows: 100,
        what: "a lifetime sum over 100 rows is read",
        criteria: "hogsend_sum('ever100', at_least => 1000000000)",
        target: None,
    },
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.choose(100, 1_000);
    let extent = Extent {
        turns: scale.choose(6, 24),
        statements: 200,
    };
    let mut client = connect(cluster, "measures")?;
    client.batch_execute("SET hogsend.inline_backfill = 0")?;
    for kind in &KINDS {
        let Kind {
            event,
            rows,
            criteria,
            ..
        } = kind;
        client.batch_execute(&format!(
            "INSERT INTO user_events (user_id, event, value, occurred_at)
             SELECT 'user-' || u, '{event}', 19.99, now() - n * interval '50 days' / {rows}
             FROM generate_series(0, {people} - 1) u, generate_series(1, {rows}) n;
             INSERT INTO buckets (id, criteria) VALUES ('{event}', hogsend_all(hogsend_event('nobody.did'), {criteria}))"
        ))?;
    }
    settle(&mut client)?;
    copy_plain(&mut client)?;
    let before = count(&mut client, "bucket_transitions")?;
    for kind in &KINDS {
        for (who, among) in [("remembered", REMEMBERED), ("strangers", people)] {
            let row = format!("(user_id, event, value) VALUES ($1, '{}', 5)", kind.event);
            let mut random = Random(77);
            let user = |_| format!("user-{}", random.below(among));
            let turns = inserts_of(&mut client, &row, extent, user)?;
            let what = format!("one row, {}, {who}", kind.what);
            match kind.target.filter(|_| who == "remembered") {
                Some(target) => {
                    report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
                }
                None => report.add(&what, "plain table", turns),
            }
        }
    }
    let after = count(&mut client, "bucket_transitions")?;
    ensure!(before == after, "somebody was moved");
    Ok(())
}
