//! Who is there, and what the buckets have to do with what they do.

use super::BLOCK;
use crate::setup;
use anyhow::{Context, Result};
use hogsend_harness::Cluster;
use postgres::Client;

/// Users who come again and again, and are stable members or stable outsiders.
pub const PEOPLE: u64 = 1_000;

/// An event and the buckets that reference it.
pub struct Event {
    pub name: &'static str,
    pub concerned: i64,
    pub what: &'static str,
    /// Each of them makes somebody join or leave; everybody does it once.
    pub moves: bool,
    /// Only where so many buckets are defined.
    pub least: i64,
    pub targets: Targets,
}

/// The ratios to reach with `synchronous_commit` off and on, where any are promised.
pub type Targets = Option<[f64; 2]>;

const fn event(name: &'static str, concerned: i64, what: &'static str, least: i64) -> Event {
    Event {
        targets: None,
        name,
        concerned,
        what,
        moves: false,
        least,
    }
}

const fn moving(name: &'static str, what: &'static str) -> Event {
    Event {
        moves: true,
        ..event(name, 1, what, 1_000)
    }
}

/// What is promised for three buckets.
const fn promised(targets: [f64; 2], event: Event) -> Event {
    Event {
        targets: Some(targets),
        ..event
    }
}

const SETTLED: &str = "cannot change anything";
const EVALUATED: &str = "evaluated, changes nothing";

/// `helpN` can only help members of N buckets. `lapseN` is what nobody in N buckets of lapsed users
/// has done for days: it is evaluated, and those who did it just now stay outside.
pub const EVENTS: &[Event] = &[
    event("help1", 1, SETTLED, 1_000),
    promised([1.30, 1.20], event("help3", 3, SETTLED, 10)),
    event("help10", 10, SETTLED, 1_000),
    event("lapse1", 1, EVALUATED, 1_000),
    promised([1.75, 1.45], event("lapse3", 3, EVALUATED, 10)),
    event("lapse10", 10, EVALUATED, 1_000),
    moving("join", "joins"),
    moving("leave", "leaves"),
];

impl Event {
    pub fn named(name: &str) -> Option<&'static Event> {
        EVENTS.iter().find(|event| event.name == name)
    }
}

pub struct World {
    pub client: Client,
}

impl World {
    /// A database with `buckets` buckets, and a plain table with the same rows as user_events.
    pub fn create(cluster: &Cluster, buckets: i64, blocks: u64) -> Result<World> {
        let name = format!("one_row_{buckets}");
        cluster.create_database(&name)?;
        let mut client = cluster.connect(&name)?;
        client
            .batch_execute("SET synchronous_commit = off; CREATE EXTENSION hogsend")
            .context("CREATE EXTENSION hogsend; `make install` installs it")?;
        define(&mut client, buckets)?;
        // With one block to warm up, for each way to commit.
        let once = 2 * (blocks + 1) * BLOCK as u64 * 2;
        client.batch_execute(&format!(
            "INSERT INTO user_events (user_id, event, occurred_at)
             SELECT 'user-' || u, e, now() - n * interval '5 hours'
             FROM generate_series(1, 6) n, generate_series(0, {PEOPLE} - 1) u,
                  unnest(ARRAY['view', 'help1', 'help3', 'help10', 'lapse1', 'lapse3', 'lapse10']) e"
        ))?;
        if buckets >= 1_000 {
            client.batch_execute(&format!(
                "INSERT INTO user_events (user_id, event)
                 SELECT e || '-' || u, 'seen' FROM generate_series(0, {once}) u, unnest(ARRAY['join', 'leave']) e"
            ))?;
        }
        setup::settle(&mut client)?;
        // Same columns, same indexes, same rows, no triggers.
        client.batch_execute(
            "CREATE TABLE plain (LIKE user_events INCLUDING ALL);
             INSERT INTO plain (user_id, event, occurred_at) SELECT user_id, event, occurred_at FROM user_events;
             CREATE TABLE plain_too (LIKE plain INCLUDING ALL);
             INSERT INTO plain_too (user_id, event, occurred_at) SELECT user_id, event, occurred_at FROM plain",
        )?;
        client.batch_execute("VACUUM ANALYZE")?;
        Ok(World { client })
    }
}

/// Those buckets that the events of this size are about, and others up to the number wanted.
fn define(client: &mut Client, buckets: i64) -> Result<()> {
    if buckets == 0 {
        return Ok(());
    }
    let mut defined = 0;
    for event in EVENTS.iter().filter(|event| buckets >= event.least) {
        let criteria = match event.name {
            "join" => "hogsend_event('join')".to_owned(),
            "leave" => "hogsend_all(hogsend_event('seen'), hogsend_event('leave', never => true))"
                .to_owned(),
            name if name.starts_with("help") => {
                format!("hogsend_event('{name}', within => n * interval '30 days')")
            }
            name => {
                format!("hogsend_event('{name}', within => n * interval '2 days', never => true)")
            }
        };
        client.batch_execute(&format!(
            "INSERT INTO buckets (id, criteria)
             SELECT '{}-' || n, {criteria} FROM generate_series(1, {}) n",
            event.name, event.concerned
        ))?;
        defined += event.concerned;
    }
    client.batch_execute(&format!(
        "INSERT INTO buckets (id, criteria)
         SELECT 'other-' || n, hogsend_event('other-' || n, within => interval '30 days', at_least => 2)
         FROM generate_series({defined} + 1, {buckets}) n"
    ))?;
    setup::settle(client)
}
