//! One event of a known user, of a new one and of an alias, where a million ids are somebody's other ids,
//! and where none is. Who has a contact is asked about nowhere, so it is to make no difference to them.
//!
//! It is one session of one database that has the aliases and has them not, in turns: two of each differ by
//! more than what is asked here, by where the system has put them.

use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup::settle;
use crate::stats::{Random, median, timed};
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

const PEOPLE: u64 = 50_000;
const SMALL: u64 = 100_000;
const FULL: u64 = 1_000_000;
/// Statements of one side that follow each other before it is the other's turn, and in a turn.
const RUN: u64 = 100;
const BLOCK: u64 = 500;
/// The first of a run find what they know of the tables out anew, and are not counted.
const FIRST: u64 = 20;
/// The same of those that show what an alias costs.
const RUN_OF_ALIASES: usize = 20;

/// The database, and which table of pairs it has in the place of `user_aliases`.
struct Side {
    client: Client,
    insert: Statement,
    has_aliases: bool,
}

/// Who does what.
struct Kind {
    what: &'static str,
    event: &'static str,
    user: fn(u64, &mut Random) -> String,
    target: Option<f64>,
}

const KINDS: [Kind; 4] = [
    Kind {
        what: "one row of a known user, no bucket concerned",
        event: "view",
        user: |_, random| format!("user-{}", random.below(PEOPLE)),
        target: Some(1.03),
    },
    Kind {
        what: "one row of a known user, evaluated for 3 buckets",
        event: "lapse",
        user: |_, random| format!("user-{}", random.below(PEOPLE)),
        target: Some(1.03),
    },
    Kind {
        what: "one row of one of 50 known users, no bucket concerned",
        event: "view",
        user: |_, random| format!("user-{}", random.below(50)),
        target: Some(1.03),
    },
    Kind {
        what: "one row of a new user",
        event: "view",
        user: |n, _| format!("new-{n}"),
        target: None,
    },
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let aliases = scale.choose(SMALL, FULL);
    let turns = scale.choose(8, 40);
    let mut side = load(cluster, aliases)?;
    let mut begun = 0;
    for kind in &KINDS {
        let mut random = Random(77);
        let mut measured = Turns::default();
        for turn in 0..=turns {
            let mut times = [Vec::new(), Vec::new()];
            for run in 0..2 * BLOCK / RUN {
                // Neither is always the first.
                let has_aliases = (turn + run + run / 2).is_multiple_of(2);
                side.have(has_aliases)?;
                let mut users = |count: u64| -> Vec<String> {
                    let numbers = begun..begun + count;
                    begun += count;
                    numbers.map(|n| (kind.user)(n, &mut random)).collect()
                };
                side.run(kind.event, &users(FIRST), &mut Vec::new())?;
                let times = &mut times[usize::from(!has_aliases)];
                side.run(kind.event, &users(RUN), times)?;
            }
            // The first warms caches and plans.
            if turn > 0 {
                let [with, without] = times.map(|times| median(&times));
                measured.add(with, without);
            }
        }
        let what = format!("{}, {aliases} aliases, commit off", kind.what);
        match kind.target {
            Some(target) => {
                report.add_with_target(&what, "no aliases", measured, Target::AtMost(target));
            }
            None => report.add(&what, "no aliases", measured),
        }
    }
    side.have(true)?;
    late(&mut side, aliases, turns, report)
}

/// An event of an alias against one of the user whose it is.
fn late(side: &mut Side, aliases: u64, turns: u64, report: &mut Report) -> Result<()> {
    let mut random = Random(77);
    let mut measured = Turns::default();
    for _ in 0..turns {
        let numbers: Vec<u64> = (0..BLOCK).map(|_| random.below(aliases)).collect();
        let (mut alias, mut user) = (Vec::new(), Vec::new());
        for run in numbers.chunks(RUN_OF_ALIASES) {
            let named = |prefix: &str, of: fn(u64) -> u64| -> Vec<String> {
                run.iter().map(|n| format!("{prefix}-{}", of(*n))).collect()
            };
            side.run("view", &named("visitor", |n| n), &mut alias)?;
            side.run("view", &named("user", |n| n % PEOPLE), &mut user)?;
        }
        measured.add(median(&alias), median(&user));
    }
    let strays = side.client.query_one(
        "SELECT count(*) FROM user_events WHERE user_id LIKE 'visitor-%'",
        &[],
    )?;
    ensure!(
        strays.get::<_, i64>(0) == 0,
        "events of aliases stayed theirs"
    );
    let what = format!("one row of an alias, {aliases} aliases, commit off");
    report.add(&what, "one row of the user", measured);
    Ok(())
}

impl Side {
    /// Puts the table with the pairs, or the one without, where it is looked for.
    fn have(&mut self, aliases: bool) -> Result<()> {
        if self.has_aliases != aliases {
            let [away, here] = match aliases {
                true => ["no_aliases", "aliases"],
                false => ["aliases", "no_aliases"],
            };
            self.client.batch_execute(&format!(
                "ALTER TABLE user_aliases RENAME TO {away}; ALTER TABLE {here} RENAME TO user_aliases"
            ))?;
            self.has_aliases = aliases;
        }
        Ok(())
    }

    fn run(&mut self, event: &str, users: &[String], times: &mut Vec<f64>) -> Result<()> {
        for user in users {
            let (client, insert) = (&mut self.client, &self.insert);
            times.push(timed(|| client.execute(insert, &[user, &event]))?.0);
        }
        Ok(())
    }
}

fn load(cluster: &Cluster, aliases: u64) -> Result<Side> {
    cluster.create_database("aliases")?;
    let mut client = cluster.connect("aliases")?;
    client
        .batch_execute("SET synchronous_commit = off; CREATE EXTENSION hogsend")
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || u, e, now() - n * interval '5 hours'
         FROM generate_series(0, {PEOPLE} - 1) u, unnest('{{view,lapse}}'::text[]) e, generate_series(1, 3) n;
         CREATE TABLE no_aliases (LIKE user_aliases INCLUDING ALL);
         INSERT INTO user_aliases (alias, user_id, open_until)
         SELECT 'visitor-' || n, 'user-' || n % {PEOPLE}, NULL FROM generate_series(0, {aliases} - 1) n;
         SET hogsend.inline_backfill = 0;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, criteria)
         SELECT 'lapse-' || n, hogsend_event('lapse', within => n * interval '2 days', never => true) FROM generate_series(1, 3) n"
    ))?;
    settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    let insert = client.prepare("INSERT INTO user_events (user_id, event) VALUES ($1, $2)")?;
    Ok(Side {
        client,
        insert,
        has_aliases: true,
    })
}
