//! A sum over what a user did in a window, which is read and evaluated and moves nobody; over all that a user ever
//! did; and two windows compared.

use crate::Scale;
use crate::alternate::{Extent, inserts_of, statements};
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
    /// What is inserted, where it is another one that the leg names as well.
    inserts: Option<&'static str>,
    rows: u64,
    what: &'static str,
    criteria: &'static str,
    target: Option<f64>,
}

const KINDS: [Kind; 5] = [
    Kind {
        event: "sum100",
        inserts: None,
        rows: 100,
        what: "a sum over 100 rows in a window is read",
        criteria: "hogsend_sum('sum100', within => '60 days', at_least => 1000000000)",
        target: Some(3.0),
    },
    Kind {
        event: "sum1000",
        inserts: None,
        rows: 1_000,
        what: "a sum over 1,000 rows in a window is read",
        criteria: "hogsend_sum('sum1000', within => '60 days', at_least => 1000000000)",
        target: Some(12.0),
    },
    Kind {
        event: "days100",
        inserts: None,
        rows: 100,
        what: "the days of 100 rows in a window are counted",
        criteria: "hogsend_distinct('days100', of => '$day', within => '60 days', at_least => 1000000)",
        target: None,
    },
    Kind {
        event: "halves100",
        inserts: None,
        rows: 100,
        what: "the counts of two windows over 100 rows are compared",
        criteria: "hogsend_compare(hogsend_event('halves100', within => '30 days'), 'lt',
                       hogsend_event('halves100', within => '60 days', older_than => '30 days'), 0.1)",
        target: None,
    },
    Kind {
        event: "ever100",
        inserts: None,
        rows: 100,
        what: "a lifetime sum over 100 rows is read",
        criteria: "hogsend_sum('ever100', at_least => 1000000000)",
        target: None,
    },
];

/// Those who did very much, of whom it is kept what it comes to.
const BUSY: u64 = 4;

const OF_BUSY: [Kind; 2] = [
    Kind {
        event: "ever.busy",
        inserts: None,
        rows: 100_000,
        what: "a lifetime sum of a user with 100,000 rows",
        criteria: "hogsend_sum('ever.busy', at_least => 1000000000000)",
        target: Some(3.0),
    },
    Kind {
        event: "seldom",
        inserts: Some("often"),
        rows: 100_000,
        what: "evaluated beside a lifetime count with a filter that none of 100,000 rows passes",
        criteria: "hogsend_any(hogsend_event('seldom', filter => hogsend_property('category', 'eq', 'books'), at_least => 3),
                       hogsend_event('often', at_least => 1000000))",
        target: None,
    },
];

/// The same leg of the same few rows, for a lifetime, for which totals are looked up, and in a window, for which not.
const OF_FEW: [Kind; 2] = [
    Kind {
        event: "ever10",
        inserts: None,
        rows: 10,
        what: "a lifetime sum over 10 rows, of which nothing is kept",
        criteria: "hogsend_sum('ever10', at_least => 1000000000)",
        target: Some(1.3),
    },
    Kind {
        event: "years10",
        inserts: None,
        rows: 10,
        what: "a sum over 10 rows in a window",
        criteria: "hogsend_sum('years10', within => '3650 days', at_least => 1000000000)",
        target: None,
    },
];

impl Kind {
    /// Its events of so many users, and its bucket, in which nobody is.
    fn make(&self, who: &str, people: u64, rows: u64) -> String {
        let Kind {
            event, criteria, ..
        } = self;
        format!(
            "INSERT INTO user_events (user_id, event, value, occurred_at)
             SELECT '{who}-' || u, '{event}', 19.99, now() - n * interval '50 days' / {rows}
             FROM generate_series(0, {people} - 1) u, generate_series(1, {rows}) n;
             INSERT INTO buckets (id, criteria) VALUES ('{event}', hogsend_all(hogsend_event('nobody.did'), {criteria}))"
        )
    }

    fn row(&self) -> String {
        let event = self.inserts.unwrap_or(self.event);
        format!("(user_id, event, value) VALUES ($1, '{event}', 5)")
    }
}

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.choose(100, 1_000);
    let extent = Extent {
        turns: scale.choose(6, 24),
        statements: 200,
    };
    let mut client = connect(cluster, "measures")?;
    client.batch_execute("SET hogsend.inline_backfill = 0")?;
    let [ever, years] = &OF_FEW;
    for kind in &KINDS {
        client.batch_execute(&kind.make("user", people, kind.rows))?;
    }
    client.batch_execute(&ever.make("few", people, ever.rows))?;
    // Others, or the session would have met whoever comes second.
    client.batch_execute(&years.make("other", people, years.rows))?;
    for kind in &OF_BUSY {
        client.batch_execute(&kind.make("busy", BUSY, kind.rows))?;
    }
    settle(&mut client)?;
    copy_plain(&mut client)?;
    let before = count(&mut client, "bucket_transitions")?;
    for kind in &KINDS {
        for (who, among) in [("remembered", REMEMBERED), ("strangers", people)] {
            let mut random = Random(77);
            let user = |_| format!("user-{}", random.below(among));
            let turns = inserts_of(&mut client, &kind.row(), extent, user)?;
            let what = format!("one row, {}, {who}", kind.what);
            match kind.target.filter(|_| who == "remembered") {
                Some(target) => {
                    report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
                }
                None => report.add(&what, "plain table", turns),
            }
        }
    }
    for kind in &OF_BUSY {
        let user = |n| format!("busy-{}", n % BUSY);
        let turns = inserts_of(&mut client, &kind.row(), extent, user)?;
        let what = format!("one row, {}", kind.what);
        match kind.target {
            Some(target) => {
                report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
            }
            None => report.add(&what, "plain table", turns),
        }
    }
    let kept = count(&mut client, "bucket_totals")?;
    ensure!(kept > 0, "nothing is kept");
    for (who, among) in [("remembered", REMEMBERED), ("strangers", people)] {
        let mut random = Random(78);
        let user = |_| format!("few-{}", random.below(among));
        let insert = |kind: &Kind| format!("INSERT INTO user_events {}", kind.row());
        let of_others = insert(years).replace("$1", "replace($1, 'few', 'other')");
        let both = [&*insert(ever), &*of_others];
        let turns = statements(&mut client, both, extent, user)?;
        let what = format!("one row, {}, {who}", ever.what);
        let target = Target::AtMost(ever.target.unwrap_or(1.3));
        report.add_with_target(&what, years.what, turns, target);
    }
    let after = count(&mut client, "bucket_transitions")?;
    ensure!(before == after, "somebody was moved");
    Ok(())
}
