//! Those who cause transitions: writers of every habit, the clock, and transactions left open.

use anyhow::Result;
use hogsend_client_tests::delivery::world::{MOVE, World};
use hogsend_client_tests::errors::is_conflict;
use hogsend_client_tests::stage::Phase;
use hogsend_model::Random;
use postgres::Client;
use std::time::{Duration, Instant};

pub const WRITERS: usize = 24;
/// How long a transaction waits before it commits, at most.
const SHORT: Duration = Duration::from_millis(8);
const LONG: Duration = Duration::from_millis(400);

/// Moves users until told to stop.
pub fn write(world: &World, number: usize) -> Result<()> {
    let mut client = world.database.connect()?;
    let mut random = Random::new(number as u64);
    // With the database, because names of prepared transactions are the server's.
    let name = format!("{} {number}", world.database.name);
    while world.stage.is_before(Phase::Settling) {
        match transaction(world, &mut client, &name, &mut random) {
            Err(error) if is_conflict(&error) => client.batch_execute("ROLLBACK")?,
            done => done?,
        }
    }
    Ok(())
}

/// One transaction of any kind.
fn transaction(
    world: &World,
    client: &mut Client,
    writer: &str,
    random: &mut Random,
) -> Result<(), postgres::Error> {
    // Who takes long keeps to users of their own, or all would wait for them.
    let takes_long = random.one_in(50);
    let is_two_phase = takes_long && random.one_in(3);
    let users = users(world.users, takes_long.then_some(writer), random);
    let level = ["READ COMMITTED", "REPEATABLE READ"][usize::from(random.one_in(10))];
    client.batch_execute(&format!("BEGIN ISOLATION LEVEL {level}"))?;
    if is_two_phase {
        client.batch_execute("SET LOCAL hogsend.notify = 'off'")?;
    }
    for some in users.chunks(1 + random.below(6)) {
        let savepoint = ["ROLLBACK TO SAVEPOINT s", "RELEASE SAVEPOINT s"].get(random.below(8));
        if savepoint.is_some() {
            client.batch_execute("SAVEPOINT s")?;
        }
        client.execute(MOVE, &[&some])?;
        if let Some(end) = savepoint {
            client.batch_execute(end)?;
        }
    }
    pause(random, if takes_long { LONG } else { SHORT });
    let end = if random.one_in(10) {
        "ROLLBACK"
    } else {
        "COMMIT"
    };
    if is_two_phase {
        client.batch_execute(&format!("PREPARE TRANSACTION '{writer}'"))?;
        pause(random, LONG);
        client.batch_execute(&format!("{end} PREPARED '{writer}'"))
    } else {
        client.batch_execute(end)
    }
}

/// A few users, those that everybody moves or a writer's own. In one order, so that no two writers
/// wait for each other in a circle.
fn users(shared: usize, of_writer: Option<&str>, random: &mut Random) -> Vec<String> {
    let mut users: Vec<String> = (0..1 + random.below(10))
        .map(|_| match (of_writer, random.below(shared)) {
            (Some(writer), user) => format!("{writer} {user:04}"),
            (None, user) => format!("user {user:04}"),
        })
        .collect();
    users.sort_unstable();
    users.dedup();
    users
}

fn pause(random: &mut Random, at_most: Duration) {
    std::thread::sleep(at_most.mul_f64(random.below(1000) as f64 / 1000.0));
}

/// Does what the clock makes due until every timer has come due.
pub fn run_clock(world: &World) -> Result<()> {
    let mut client = world.database.connect()?;
    let has_timers = client.prepare("SELECT EXISTS (SELECT FROM bucket_timers)")?;
    while world.stage.is_before(Phase::Over) {
        let may_end = !world.stage.is_before(Phase::Delivering);
        let began = Instant::now();
        client.batch_execute("SELECT hogsend_reconcile(1000)")?;
        if may_end && !client.query_one(&has_timers, &[])?.get::<_, bool>(0) {
            break;
        }
        // It gets slower in a long run: timers that were set anew cannot be vacuumed away while a
        // transaction is left open.
        std::thread::sleep(Duration::from_millis(25).max(began.elapsed()));
    }
    Ok(())
}

/// Transactions that somebody leaves open from before the first transition to after the last.
pub struct LeftOpen {
    idle: Client,
    writing: Client,
    preparing: Client,
}

impl LeftOpen {
    /// One that has an id and nothing else; one with transitions of its own, whose numbers are the
    /// lowest; and one that is prepared.
    pub fn begin(world: &World) -> Result<LeftOpen> {
        let connect = || world.database.connect();
        let [mut idle, mut writing, mut preparing] = [connect()?, connect()?, connect()?];
        idle.batch_execute("BEGIN; SELECT pg_current_xact_id()")?;
        writing.batch_execute("BEGIN")?;
        writing.execute(MOVE, &[&vec!["left open"]])?;
        preparing.batch_execute("BEGIN; SET LOCAL hogsend.notify = 'off'")?;
        preparing.execute(MOVE, &[&vec!["left prepared"]])?;
        preparing.batch_execute("PREPARE TRANSACTION 'left prepared'")?;
        Ok(LeftOpen {
            idle,
            writing,
            preparing,
        })
    }

    pub fn end(mut self) -> Result<()> {
        self.writing.batch_execute("COMMIT")?;
        let prepared = "COMMIT PREPARED 'left prepared'";
        self.preparing.batch_execute(prepared)?;
        self.idle.batch_execute("ROLLBACK")?;
        Ok(())
    }
}
