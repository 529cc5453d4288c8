//! A backfill that is killed goes on where it was; and its memory does not grow with the users.

use anyhow::{Context, Result, bail};
use hogsend_client_tests::{count, with_extension};
use hogsend_harness::{Cluster, Options, TestDatabase};
use hogsend_model::Random;
use postgres::Client;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const NOW: &str = "SET hogsend.now = '2026-03-01 12:00+00'; SET client_min_messages = warning";

/// Users with two purchases each in the last 40 days.
fn load(client: &mut Client, users: usize) -> Result<()> {
    client.batch_execute(&format!(
        "INSERT INTO contacts (user_id) SELECT 'u' || to_char(n, 'FM00000') FROM generate_series(1, {users}) n;
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT user_id, 'buy', timestamptz '2026-03-01 12:00+00' - (abs(hashtext(user_id || k)) % 960) * interval '1 hour'
         FROM contacts CROSS JOIN generate_series(1, 2) k;
         ANALYZE"
    ))?;
    Ok(())
}

/// Everything a backfill writes: the rows, and for each which transaction wrote it.
fn state(client: &mut Client) -> Result<Vec<(String, String)>> {
    let rows = client.query(
        "SELECT concat('stay ', to_jsonb(m)), m.xmin::text FROM bucket_memberships m
         UNION ALL SELECT concat('timer ', to_jsonb(t)), t.xmin::text FROM bucket_timers t
         UNION ALL SELECT concat('transition ', to_jsonb(t)), t.xmin::text FROM bucket_transitions t
         UNION ALL SELECT concat('job ', to_jsonb(j) - 'created_at'), j.xmin::text FROM bucket_jobs j
         ORDER BY 1",
        &[],
    )?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The rows alone, which two databases may have in common.
fn outcome(client: &mut Client) -> Result<Vec<String>> {
    Ok(state(client)?.into_iter().map(|(row, _)| row).collect())
}

const USERS: usize = 20_000;
/// What a chunk of CALL hogsend_backfill() looks at.
const CHUNK: i64 = 5_000;
const FILL: &str = "CALL hogsend_backfill('cooling')";

/// A database with a job to do, and its twin. Members of the bucket have bought within thirty days
/// and not within seven: they have anchors, and so has everybody timers. At one user in the third
/// chunk whoever adds members waits for an advisory lock.
fn twins<'c>(cluster: &'c Cluster, name: &str) -> Result<(TestDatabase<'c>, Client, Vec<String>)> {
    let database = with_extension(cluster, name)?;
    let mut client = database.connect()?;
    load(&mut client, USERS)?;
    client.batch_execute(&format!(
        "{NOW};
         CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF NEW.user_id BETWEEN 'u12000' AND 'u12009' THEN PERFORM pg_advisory_xact_lock(1); END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER wait_here BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION wait_here();
         SET hogsend.inline_backfill = 0;
         INSERT INTO buckets (id, criteria, dwell_after) VALUES ('cooling',
             hogsend_all(hogsend_event('buy', within => '30 days'),
                         hogsend_event('buy', within => '7 days', never => true)), '{{60 days}}')"
    ))?;
    drop(client);
    let twin = format!("{name}_twin");
    cluster
        .connect("postgres")?
        .batch_execute(&format!("CREATE DATABASE {twin} TEMPLATE {name}"))?;
    let mut client = cluster.connect(&twin)?;
    client.batch_execute(NOW)?;
    client.batch_execute(FILL)?;
    let outcome = outcome(&mut client)?;
    assert!(outcome.len() > USERS, "{} rows", outcome.len());
    let mut client = database.connect()?;
    client.batch_execute(NOW)?;
    Ok((database, client, outcome))
}

/// The state in which a job is, as far as it has committed.
fn processed(client: &mut Client) -> Result<i64> {
    Ok(client
        .query_one("SELECT processed FROM bucket_jobs", &[])?
        .get(0))
}

/// Fills the bucket as far as the third chunk, and there kills by `kill`, after `before`.
fn kill_in_the_third_chunk(
    database: &TestDatabase,
    kill: impl Fn(&Cluster, i32) -> Result<()>,
    mut before: impl FnMut(&mut Client) -> Result<()>,
) -> Result<()> {
    let mut client = database.connect()?;
    client.batch_execute("SELECT pg_advisory_lock(1)")?;
    let mut filler = database.connect()?;
    filler.batch_execute(NOW)?;
    let pid: i32 = filler.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    std::thread::scope(|scope| {
        let filling = scope.spawn(move || filler.batch_execute(FILL));
        let waiting = "SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'advisory'";
        let deadline = Instant::now() + PATIENCE;
        while client.query_opt(waiting, &[&pid])?.is_none() {
            if Instant::now() > deadline {
                bail!("the backfill does not come to where it waits");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        before(&mut client)?;
        kill(database.cluster, pid)?;
        assert!(filling.join().expect("panicked").is_err());
        Ok(())
    })
}

fn goes_on_after(name: &str, kill: impl Fn(&Cluster, i32) -> Result<()>) -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let (database, _, expected) = twins(&cluster, name)?;
    kill_in_the_third_chunk(&database, kill, |client| {
        // A chunk is on disk with whatever is committed after it.
        Ok(client.batch_execute("CREATE TABLE afterwards ()")?)
    })?;
    let mut client = database.connect()?;
    client.batch_execute(NOW)?;
    // Two chunks were committed; the disk may not have had the last of them yet.
    let reached = processed(&mut client)?;
    assert!(
        reached == CHUNK || reached == 2 * CHUNK,
        "{reached} contacts looked at"
    );
    let kept = state(&mut client)?;
    client.batch_execute(FILL)?;
    assert_eq!(processed(&mut client)?, USERS as i64);
    let after = state(&mut client)?;
    // Nothing of what was kept was done again: the rows are the very same. The end of a job makes
    // the timers of the next moment due.
    let is_row =
        |(row, _): &&(String, String)| !row.starts_with("job") && !row.starts_with("timer");
    let lost = kept
        .iter()
        .filter(is_row)
        .find(|row| after.binary_search(row).is_err());
    assert_eq!(lost, None);
    assert!(
        outcome(&mut client)? == expected,
        "not what an undisturbed run does"
    );
    assert_eq!(count(&mut client, "SELECT FROM bucket_transitions")?, 0);

    client.batch_execute(FILL)?;
    assert!(
        state(&mut client)? == after,
        "doing it again changed something"
    );
    assert_eq!(
        count(&mut client, "SELECT FROM hogsend_verify('cooling')")?,
        0
    );
    Ok(())
}

#[test]
fn after_a_kill_of_the_server_a_backfill_goes_on() -> Result<()> {
    goes_on_after("postmaster", |cluster, _| {
        cluster.kill()?;
        cluster.start_again()
    })
}

#[test]
fn after_a_kill_of_its_session_a_backfill_goes_on() -> Result<()> {
    goes_on_after("backend", |cluster, pid| cluster.kill_session(pid))
}

/// The criteria change in mid-backfill, so it is one that ends stays and says so: that must never be
/// heard of and then not be there.
#[test]
fn what_a_backfill_has_announced_is_kept() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let (database, mut client, _) = twins(&cluster, "announced")?;
    client.batch_execute(&format!(
        "{NOW};
         SELECT hogsend_backfill_chunk('cooling', 4000);
         INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u12000', 'sell', '2026-03-01 12:00+00');
         SET hogsend.inline_backfill = 0;
         UPDATE buckets SET criteria = hogsend_event('sell')"
    ))?;
    let announced = "SELECT FROM bucket_transitions";
    let mut heard = 0;
    let kill = |cluster: &Cluster, pid| cluster.kill_session(pid);
    kill_in_the_third_chunk(&database, kill, |client| {
        heard = count(client, announced)?;
        Ok(())
    })?;
    assert!(heard > 1000, "{heard} announced");
    assert_eq!(count(&mut database.connect()?, announced)?, heard);
    Ok(())
}

/// Wherever it is: in the middle of a statement, a commit, or between them.
#[test]
fn a_backfill_killed_again_and_again_comes_to_the_same_end() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let (database, _, expected) = twins(&cluster, "again")?;
    let mut random = Random::ordinary();
    let mut reached = 0;
    let mut interrupted = 0;
    for _ in 0..4 {
        let mut filler = database.connect()?;
        filler.batch_execute(NOW)?;
        let pid: i32 = filler.query_one("SELECT pg_backend_pid()", &[])?.get(0);
        let pause = Duration::from_millis(random.between(10, 150) as u64);
        let filled = std::thread::scope(|scope| -> Result<_> {
            let filling = scope.spawn(move || filler.batch_execute(FILL));
            std::thread::sleep(pause);
            cluster.kill_session(pid)?;
            Ok(filling.join().expect("panicked"))
        })?;
        interrupted += usize::from(filled.is_err());
        let processed = processed(&mut database.connect()?)?;
        assert!(processed >= reached, "{processed} after {reached}");
        reached = processed;
    }
    assert!(interrupted > 0, "it was always faster than the kill");
    let mut client = database.connect()?;
    client.batch_execute(NOW)?;
    client.batch_execute(FILL)?;
    assert!(
        outcome(&mut client)? == expected,
        "not what an undisturbed run does"
    );
    Ok(())
}

/// Runs something in a session of its own; returns how many kB of memory that took at most.
fn peak(database: &TestDatabase, work: &str) -> Result<i64> {
    let mut client = database.connect()?;
    client.batch_execute(NOW)?;
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let working = scope.spawn(|| {
            let result = client.batch_execute(work);
            done.store(true, Ordering::Relaxed);
            result
        });
        let mut peak = 0;
        while !done.load(Ordering::Relaxed) {
            peak = peak.max(resident(pid)?);
            std::thread::sleep(Duration::from_millis(2));
        }
        working
            .join()
            .expect("panicked")
            .with_context(|| work.to_owned())?;
        Ok(peak)
    })
}

/// Memory of a process that is neither files nor shared.
fn resident(pid: i32) -> Result<i64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kb = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kb.context("no RssAnon")?.trim().parse()?)
}

#[test]
fn memory_does_not_grow_with_the_users() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let steps = [
        "SET hogsend.inline_backfill = 0;
         INSERT INTO buckets (id, criteria) VALUES ('ever', hogsend_event('buy'))",
        "CALL hogsend_backfill('ever')",
        "SELECT hogsend_verify('ever')",
        "SET hogsend.inline_backfill = 1000000;
         INSERT INTO buckets (id, criteria) VALUES ('lately', hogsend_event('buy', within => '39 days'))",
        // Everybody leaves, and is announced.
        "SET hogsend.inline_backfill = 1000000;
         UPDATE buckets SET criteria = hogsend_event('sell') WHERE id = 'lately'",
        "DELETE FROM buckets WHERE id = 'ever'",
    ];
    let mut peaks = Vec::new();
    for users in [20_000, 80_000] {
        let database = with_extension(&cluster, &format!("memory{users}"))?;
        load(&mut database.connect()?, users)?;
        let of_size: Result<Vec<i64>> = steps.iter().map(|step| peak(&database, step)).collect();
        peaks.push(of_size?);
        let left = "SELECT FROM bucket_transitions WHERE transition = 'left'";
        let left = count(&mut database.connect()?, left)?;
        assert!(left > users as i64, "they were in, and left");
    }
    println!("kB for 20,000 and 80,000 users: {peaks:?}");
    for ((few, many), step) in peaks[0].iter().zip(&peaks[1]).zip(steps) {
        assert!(many - few < 4_000, "{few} kB, then {many} kB for {step}");
    }
    Ok(())
}
