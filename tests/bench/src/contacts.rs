//! A contact whose properties change: a prepared one-row UPDATE, seen from the client's side of the
//! socket, against the same UPDATE of a plain copy of the table.

use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup::{self, count};
use crate::stats::{Random, median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

const BUCKETS: [i64; 2] = [1000, 10];
pub const USERS: u64 = 1_000;
/// Statements of each side in a block, and in a run of one side within it.
pub const BLOCK: usize = 300;
const RUN: usize = 20;
const SMALL: u64 = 4;
const FULL: u64 = 16;

struct Case {
    /// How many buckets reference the property.
    concerned: u32,
    and: &'static str,
    /// The property and its new value, as SQL.
    change: &'static str,
    moves: bool,
}

const CASES: [Case; 3] = [
    Case {
        concerned: 0,
        and: "",
        change: "'note', (properties ->> 'note')::int + 1",
        moves: false,
    },
    Case {
        concerned: 3,
        and: ", nobody moves",
        change: "'score', ((properties ->> 'score')::int + 1) % 1000",
        moves: false,
    },
    Case {
        concerned: 1,
        and: ", joined or left",
        change: "'plan', CASE properties ->> 'plan' WHEN 'pro' THEN 'free' ELSE 'pro' END",
        moves: true,
    },
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    for buckets in BUCKETS {
        let mut client = load(cluster, buckets)?;
        let blocks = scale.choose(SMALL, FULL);
        for case in &CASES {
            let before = count(&mut client, "bucket_transitions")?;
            let updates = ["contacts", "plain"].map(|table| update(table, case));
            let turns = turns(&mut client, &updates[0], &updates[1], blocks)?;
            let moved = count(&mut client, "bucket_transitions")? - before;
            let updates = (blocks + 1) as i64 * BLOCK as i64;
            let expected = if case.moves { updates } else { 0 };
            ensure!(moved == expected, "{moved} transitions, not {expected}");
            let Case { concerned, and, .. } = case;
            let what =
                format!("UPDATE of a contact, {concerned} of {buckets} buckets concerned{and}");
            report.add(&what, "plain table", turns);
        }
    }
    plans(cluster, scale.choose(SMALL, FULL), report)
}

/// So many buckets ask for a value of the same property, each for another.
const PLANS: i64 = 10_000;

/// From one plan to another: two buckets of all that ask for a plan are concerned, and one is left and one joined.
fn plans(cluster: &Cluster, blocks: u64, report: &mut Report) -> Result<()> {
    let name = "contacts_plans";
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         SET synchronous_commit = off;
         INSERT INTO buckets (id, criteria)
         SELECT 'plan-' || n, hogsend_property('plan', 'eq', 'plan-' || n) FROM generate_series(0, {PLANS} - 1) n;
         INSERT INTO contacts (user_id, email, properties)
         SELECT 'user-' || n, 'user-' || n || '@example.com',
                jsonb_build_object('plan', 'plan-' || n, 'score', n, 'note', 0, 'country', 'NL', 'language', 'en')
         FROM generate_series(0, {USERS} - 1) n;
         CREATE TABLE plain (LIKE contacts INCLUDING ALL);
         INSERT INTO plain SELECT * FROM contacts"
    ))?;
    setup::settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    let case = Case {
        concerned: 2,
        and: "",
        change: "'plan', 'plan-' || (substr(properties ->> 'plan', 6)::int + 7919) % 10000",
        moves: true,
    };
    let before = count(&mut client, "bucket_transitions")?;
    let updates = ["contacts", "plain"].map(|table| update(table, &case));
    let turns = turns(&mut client, &updates[0], &updates[1], blocks)?;
    let moved = count(&mut client, "bucket_transitions")? - before;
    let expected = 2 * (blocks + 1) as i64 * BLOCK as i64;
    ensure!(moved == expected, "{moved} transitions, not {expected}");
    let what = format!(
        "UPDATE of a contact from one plan to another, {PLANS} buckets that ask for a plan"
    );
    report.add_with_target(&what, "plain table", turns, Target::AtMost(4.0));
    Ok(())
}

/// Three buckets that a score below a thousand does not reach, one for a plan, and many others.
fn load(cluster: &Cluster, buckets: i64) -> Result<Client> {
    let name = format!("contacts_{buckets}");
    cluster.create_database(&name)?;
    let mut client = cluster.connect(&name)?;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         SET synchronous_commit = off;
         INSERT INTO buckets (id, criteria)
         SELECT 'scorers-' || n, hogsend_property('score', 'gte', 1000 * n) FROM generate_series(1, 3) n
         UNION ALL
         SELECT 'pro', hogsend_property('plan', 'eq', 'pro')
         UNION ALL
         SELECT 'other-' || n, hogsend_property('other-' || n, 'eq', 'x') FROM generate_series(5, {buckets}) n;
         INSERT INTO contacts (user_id, email, properties)
         SELECT 'user-' || n, 'user-' || n || '@example.com',
                jsonb_build_object('plan', 'free', 'score', n, 'note', 0, 'country', 'NL', 'language', 'en')
         FROM generate_series(0, {USERS} - 1) n;
         CREATE TABLE plain (LIKE contacts INCLUDING ALL);
         INSERT INTO plain SELECT * FROM contacts"
    ))?;
    setup::settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(client)
}

/// Each turn is a block of statements, and its median. The first warms the caches and plans, and is
/// not counted.
pub fn turns(client: &mut Client, measured: &str, control: &str, blocks: u64) -> Result<Turns> {
    let measured = client.prepare(measured)?;
    let control = client.prepare(control)?;
    let mut turns = Turns::default();
    for number in 0..=blocks {
        let (m, c) = block(client, &measured, &control, 77 + number)?;
        if number > 0 {
            turns.add(m, c);
        }
    }
    Ok(turns)
}

fn update(table: &str, case: &Case) -> String {
    let change = case.change;
    format!(
        "UPDATE {table} SET properties = properties || jsonb_build_object({change}) WHERE user_id = $1"
    )
}

/// The median latencies of a block, of the same users on both sides, which take turns every few
/// statements.
fn block(
    client: &mut Client,
    measured: &Statement,
    control: &Statement,
    seed: u64,
) -> Result<(f64, f64)> {
    let mut sides = [
        (measured, Random(seed), Vec::with_capacity(BLOCK)),
        (control, Random(seed), Vec::with_capacity(BLOCK)),
    ];
    for _ in 0..BLOCK / RUN {
        for (update, random, latencies) in &mut sides {
            for _ in 0..RUN {
                let user = format!("user-{}", random.below(USERS));
                let (took, rows) = timed(|| client.execute(*update, &[&user]))?;
                ensure!(rows == 1, "{rows} rows were updated");
                latencies.push(took);
            }
        }
    }
    Ok((median(&sides[0].2), median(&sides[1].2)))
}
