//! A server that is killed again and again while everybody works on it.
//!
//! Eight writers, two clocks, somebody who redefines buckets, and consumers go on through it: each
//! takes a new connection and does what a client does that does not know what became of its last
//! statement. In between and in the end the database is held against what the writers were told,
//! against plain SQL, and against itself.

mod clock;
mod history;
pub mod journeys;
mod killer;
mod ledger;
mod members;
mod world;
mod writers;

pub use killer::Victims;

use anyhow::{Result, bail};
use hogsend_client_tests::delivery::checks;
use hogsend_client_tests::delivery::consumers::Consumer;
use hogsend_client_tests::delivery::world::World;
use hogsend_client_tests::server_log;
use hogsend_client_tests::stage::Phase;
use hogsend_harness::Cluster;
use killer::Killer;
use ledger::{Known, Ledger};
use postgres::Client;
use std::thread;
use std::time::{Duration, Instant};

const WRITERS: usize = 8;
/// Within it everything has come to rest that writers began.
const PATIENCE: Duration = Duration::from_secs(180);

/// A run, and what is wrong with it on purpose.
pub struct Plan<'a> {
    pub kills: usize,
    pub victims: Victims,
    pub consumers: &'a [Consumer],
    /// Of the server.
    pub settings: &'a [(&'a str, &'a str)],
    /// SQL that breaks something before anybody begins.
    pub damage: &'a str,
}

pub struct Outcome {
    /// Empty, if all is well.
    pub faults: Vec<String>,
    pub acknowledged: usize,
    pub in_doubt: usize,
    pub transitions: i64,
    pub jobs: i64,
    pub batches: u64,
    pub kills: usize,
    pub kills_of_jobs: usize,
}

/// Kills until that has been done often enough, or something is wrong; then lets everything come to
/// rest and looks at all of it.
pub fn run(plan: &Plan) -> Result<Outcome> {
    let cluster = Cluster::start(world::options(plan.settings))?;
    let world = world::prepare(&cluster, plan)?;
    let ledger = Ledger::default();
    let mut killer = Killer::new(&cluster, &world, &ledger);
    let mut faults = Vec::new();
    thread::scope(|scope| {
        let stage = &world.stage;
        let mut writing = Vec::new();
        for number in 0..WRITERS {
            let (world, ledger) = (&world, &ledger);
            writing.push(scope.spawn(move || {
                stage.take_part(|| writers::write(world, ledger, number));
            }));
        }
        writing.push(scope.spawn(|| stage.take_part(|| clock::define(&world))));
        scope.spawn(|| stage.take_part(|| clock::reconcile(&world)));
        scope.spawn(|| stage.take_part(|| clock::run(&world)));
        for consumer in plan.consumers {
            for number in 0..consumer.workers {
                let world = &world;
                scope.spawn(move || stage.take_part(|| consumer.work(world, number)));
            }
        }
        stage.take_part(|| {
            faults = killer.kill(plan)?;
            stage.enter(Phase::Settling);
            for thread in writing {
                thread.join().expect("a thread panicked");
            }
            if faults.is_empty() {
                let mut client = world.database.connect()?;
                writers::commit_prepared(&mut client, &ledger)?;
                rest(&world, plan.consumers, &mut client)?;
            }
            stage.enter(Phase::Over);
            Ok(())
        });
    });
    world.stage.result()?;
    let mut client = world.database.connect()?;
    if faults.is_empty() {
        faults = faults_at_rest(&mut client, &ledger, plan)?;
    }
    let log = cluster.log_since(0);
    faults.extend(server_log::alarms(&log).into_iter().map(String::from));
    let row = client.query_one(
        "SELECT (SELECT count(*) FROM bucket_transitions), (SELECT count(*) FROM bucket_jobs)",
        &[],
    )?;
    Ok(Outcome {
        faults,
        acknowledged: ledger.count(Known::Stored),
        in_doubt: ledger.count(Known::Nothing),
        transitions: row.get(0),
        jobs: row.get(1),
        batches: world.batches.get(),
        kills: killer.kills,
        kills_of_jobs: killer.kills_of_jobs,
    })
}

/// Waits until nothing is left to do. All at one instant, because what one does is news to another.
fn rest(world: &World, consumers: &[Consumer], client: &mut Client) -> Result<()> {
    let mut conditions = vec![
        // What is due later than this cannot become due during the checks.
        "NOT EXISTS (SELECT FROM bucket_timers WHERE due_at < clock_timestamp() + interval '1 hour')"
            .to_string(),
        "NOT EXISTS (SELECT FROM bucket_jobs WHERE status IN ('pending', 'running'))".to_string(),
    ];
    conditions.extend(consumers.iter().map(Consumer::has_all));
    let query = format!("SELECT {}", conditions.join(" AND "));
    let deadline = Instant::now() + PATIENCE;
    while world.stage.is_before(Phase::Over) {
        if client.query_one(&query, &[])?.get(0) {
            break;
        }
        if Instant::now() > deadline {
            bail!("the database does not come to rest");
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn faults_at_rest(client: &mut Client, ledger: &Ledger, plan: &Plan) -> Result<Vec<String>> {
    let mut faults = ledger.faults_at_rest(client)?;
    faults.extend(history::faults(client)?);
    faults.extend(members::faults_of_verify(client)?);
    faults.extend(members::faults_at_rest(client)?);
    faults.extend(checks::faults_of_commits(client)?);
    for consumer in plan.consumers {
        faults.extend(checks::faults(client, consumer)?);
    }
    Ok(faults)
}
