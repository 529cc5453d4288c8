//! One statement that brings ten events of each of many users: INSERT … SELECT and COPY.

use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup::{self, CONCERNED, count};
use crate::stats::timed;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

const EACH: i64 = 10;
/// How many users.
const SMALL: i64 = 3_000;
const FULL: i64 = 100_000;
const TURNS: i64 = 3;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let mut client = setup::database(cluster, "bulk", 10)?;
    client.batch_execute(
        "CREATE TABLE plain_contacts (LIKE contacts INCLUDING ALL);
         CREATE TABLE plain_memberships (LIKE bucket_memberships INCLUDING ALL);
         CREATE TABLE plain_timers (LIKE bucket_timers INCLUDING ALL);
         CREATE TABLE plain_transitions (LIKE bucket_transitions INCLUDING ALL)",
    )?;
    let mut bulk = Bulk {
        client,
        users: scale.choose(SMALL, FULL),
        file: cluster.scratch("events").to_string_lossy().into_owned(),
    };
    // The first case makes those whom the others know.
    for case in &CASES {
        bulk.measure(case, report)?;
    }
    Ok(())
}

struct Case {
    who: &'static str,
    event: &'static str,
    are_new: bool,
}

const CASES: [Case; 3] = [
    Case {
        who: "new users who join 3 buckets each",
        event: "buy",
        are_new: true,
    },
    Case {
        who: "users who are in 3 buckets each",
        event: "buy",
        are_new: false,
    },
    Case {
        who: "known users, no bucket references them",
        event: "view",
        are_new: false,
    },
];

#[derive(Clone, Copy)]
enum Way {
    Insert,
    Copy,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Insert => "INSERT … SELECT",
            Way::Copy => "COPY",
        }
    }
}

struct Bulk {
    client: Client,
    users: i64,
    /// What COPY reads, on the server: a client would take a core of its own to send it.
    file: String,
}

impl Bulk {
    fn measure(&mut self, case: &Case, report: &mut Report) -> Result<()> {
        let mut ways = [Way::Insert, Way::Copy].map(|way| (way, Turns::default()));
        let mut by_hand = Turns::default();
        for turn in 0..TURNS {
            for (way, turns) in &mut ways {
                let (measured, control) = self.turn(case, *way, turn)?;
                turns.add(measured, control);
                if let (Way::Insert, true) = (way, case.are_new) {
                    by_hand.add(measured, control + self.write_by_hand(turn)?);
                }
            }
            // As autovacuum and the checkpointer would, but not in the midst of a turn.
            self.client.batch_execute("VACUUM ANALYZE")?;
            self.client.batch_execute("CHECKPOINT")?;
        }
        for (way, turns) in ways {
            let (way, events, users) = (way.name(), self.users * EACH, self.users);
            let what = format!("{way} of {events} events, {users} {}", case.who);
            if case.are_new {
                // To write what joins write takes longer than what the events may cost.
                report.add(&what, "plain table", turns);
            } else {
                report.add_with_target(&what, "plain table", turns, Target::AtMost(1.9));
            }
            if !by_hand.measured.is_empty() {
                let control =
                    "plain table, and the same contacts, stays, timers and transitions by hand";
                report.add(&what, control, std::mem::take(&mut by_hand));
            }
        }
        Ok(())
    }

    /// Both sides, which take turns at being the first.
    fn turn(&mut self, case: &Case, way: Way, turn: i64) -> Result<(f64, f64)> {
        let whose = match way {
            Way::Insert if case.are_new => format!("inserted-{turn}"),
            Way::Copy if case.are_new => format!("copied-{turn}"),
            _ => "inserted-0".into(),
        };
        let events = self.events(case.event, &whose);
        if let Way::Copy = way {
            let write = format!("COPY ({events}) TO '{}'", self.file);
            self.client.batch_execute(&write)?;
        }
        let joins = if case.are_new {
            self.users * CONCERNED
        } else {
            0
        };
        let before = count(&mut self.client, "bucket_transitions")?;
        let (measured, control) = if turn % 2 == 0 {
            let measured = self.bring(way, "user_events", &events)?;
            (measured, self.bring(way, "plain", &events)?)
        } else {
            let control = self.bring(way, "plain", &events)?;
            (self.bring(way, "user_events", &events)?, control)
        };
        let joined = count(&mut self.client, "bucket_transitions")? - before;
        ensure!(joined == joins, "{joined} transitions instead of {joins}");
        Ok((measured, control))
    }

    /// Writes what joins write, without asking who belongs where: one statement a table, in the order
    /// of its key.
    fn write_by_hand(&mut self, turn: i64) -> Result<f64> {
        let users = format!(
            "(SELECT 'inserted-{turn}-' || n AS u FROM generate_series(1, {}) n) users",
            self.users
        );
        let pairs = format!(
            "(SELECT u, 'buyers-' || b AS b FROM {users}, generate_series(1, {CONCERNED}) b
              ORDER BY 1, 2) pairs"
        );
        let statements = format!(
            "BEGIN;
             INSERT INTO plain_contacts (user_id) SELECT u FROM {users} ORDER BY 1;
             INSERT INTO plain_memberships (user_id, bucket_id, entry_count, status, entered_at, source)
             SELECT u, b, 1, 'active', now(), 'event' FROM {pairs};
             INSERT INTO plain_timers (user_id, bucket_id, due_at) SELECT u, b, now() FROM {pairs};
             INSERT INTO plain_transitions
                 (event, bucket_id, user_id, transition, entry_count, source, effective_at, recorded_at,
                  idempotency_key)
             SELECT 'bucket:entered:' || b, b, u, 'entered', 1, 'event', now(), now(),
                    concat_ws(':', 'bucket', b, u, 'entered:1')
             FROM {pairs};
             COMMIT"
        );
        Ok(timed(|| self.client.batch_execute(&statements))?.0)
    }

    /// As a query. All are of the last twelve days.
    fn events(&self, event: &str, whose: &str) -> String {
        let users = self.users;
        format!(
            "SELECT '{whose}-' || n % {users}, '{event}', now() - n * interval '1 second'
             FROM generate_series(1, {EACH} * {users}) n"
        )
    }

    fn bring(&mut self, way: Way, table: &str, events: &str) -> Result<f64> {
        let target = format!("{table} (user_id, event, occurred_at)");
        let statement = match way {
            Way::Insert => format!("INSERT INTO {target} {events}"),
            Way::Copy => format!("COPY {target} FROM '{}'", self.file),
        };
        Ok(timed(|| self.client.batch_execute(&statement))?.0)
    }
}
