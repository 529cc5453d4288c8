//! The clock as pg_cron drives it, with real minutes.

use anyhow::{Context, Result, ensure};
use hogsend_client_tests::{cluster, count, error_of, with_extension};
use hogsend_harness::{Cluster, Cron, Options};
use postgres::Client;
use postgres::error::SqlState;
use std::time::{Duration, Instant};

/// Where pg_cron lives.
const HOME: &str = "cron_home";

fn options() -> Options {
    Options::with_cron(HOME)
}

/// pg_cron starts jobs at full minutes, and its launcher may have just missed one.
const TWO_MINUTES: Duration = Duration::from_secs(130);

/// Somebody lapses every quarter of a second, over so many minutes that the runs take turns.
const LAPSES: i64 = 600;

// One test, because there is one job named hogsend in the whole server.
#[test]
fn the_scheduled_job_moves_whom_the_clock_moves() -> Result<()> {
    let database = with_extension(cluster(options), HOME)?;
    let mut client = database.connect()?;
    client.batch_execute(
        "CREATE EXTENSION pg_cron;
         INSERT INTO buckets (id, criteria) VALUES ('quiet',
             '{\"type\":\"event\",\"eventName\":\"app.opened\",\"check\":\"not_exists\",
               \"within\":{\"seconds\":5}}')",
    )?;
    let mut listener = database.listen("bucket_transitions")?;
    client.batch_execute("INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened')")?;
    assert_eq!(count(&mut client, "SELECT FROM bucket_transitions")?, 0);

    // Set up twice: still one job.
    let first: i64 = client.query_one("SELECT hogsend_schedule()", &[])?.get(0);
    let again: i64 = client.query_one("SELECT hogsend_schedule()", &[])?.get(0);
    assert_eq!(first, again);
    assert_eq!(
        jobs(&mut client)?,
        [
            ("hogsend".into(), "*/2 * * * *".into()),
            ("hogsend-2".into(), "1-59/2 * * * *".into()),
            ("hogsend-history".into(), "17 3 * * *".into())
        ]
    );
    let detail = health(&mut client, "scheduled clock")?;
    assert_eq!(detail, (true, "pg_cron: \"hogsend\", \"hogsend-2\"".into()));

    // A sixth field means seconds elsewhere; this pg_cron would ignore it.
    for schedule in ["*/10 * * * * *", "10 seconds", ""] {
        let error = error_of(
            &mut client,
            &format!("SELECT hogsend_schedule('{schedule}')"),
        );
        assert_eq!(error.code, SqlState::INVALID_PARAMETER_VALUE, "{error:?}");
        assert!(error.hint.contains("* * * * *"), "{error:?}");
    }

    let heard = listener
        .wait_for(TWO_MINUTES, |n| {
            n.payload.contains("\"bucket:entered:quiet\"")
        })
        .context("no transition from the cron job")?;
    assert!(heard.payload.contains("\"reconcile\""), "{}", heard.payload);
    let row = client.query_one(
        // At five seconds sharp the event is still inside its window.
        "SELECT t.source, t.effective_at - e.occurred_at
                          BETWEEN interval '5 s' AND interval '5.001 s',
                t.recorded_at >= t.effective_at
         FROM bucket_transitions t JOIN user_events e USING (user_id)
         WHERE t.event = 'bucket:entered:quiet'",
        &[],
    )?;
    assert_eq!(row.get::<_, &str>(0), "reconcile");
    assert!(row.get::<_, bool>(1), "the data tells when it became true");
    assert!(row.get::<_, bool>(2));

    // The job is still running and looks several times a second: what falls due
    // within the minute need not wait for the next one.
    client.batch_execute("INSERT INTO user_events (user_id, event) VALUES ('u2', 'app.opened')")?;
    listener.wait_for(Duration::from_secs(70), |n| n.payload.contains("\"u2\""))?;
    // And what falls due when one run ends and the next begins does not wait either.
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'lapses-' || n, 'app.opened', clock_timestamp() + interval '0.25 seconds' * n
         FROM generate_series(1, {LAPSES}) n"
    ))?;
    std::thread::sleep(Duration::from_secs(LAPSES as u64 / 4 + 7));
    let row = client.query_one(
        "SELECT count(*), max(recorded_at - effective_at) < interval '1 second',
                max(recorded_at - effective_at)::text
         FROM bucket_transitions WHERE user_id LIKE 'lapses-%'",
        &[],
    )?;
    assert_eq!(row.get::<_, i64>(0), LAPSES);
    assert!(row.get::<_, bool>(1), "late by {}", row.get::<_, &str>(2));
    let failed = "SELECT FROM cron.job_run_details WHERE status = 'failed'";
    assert_eq!(count(&mut client, failed)?, 0);

    scheduling_says_what_is_in_the_way(&mut client)?;

    let unschedule = "SELECT hogsend_unschedule()";
    assert!(client.query_one(unschedule, &[])?.get::<_, bool>(0));
    assert!(!client.query_one(unschedule, &[])?.get::<_, bool>(0));
    assert_eq!(count(&mut client, "SELECT FROM cron.job")?, 0);
    let (ok, detail) = health(&mut client, "scheduled clock")?;
    assert!(
        !ok && detail.contains("SELECT hogsend_schedule()"),
        "{detail}"
    );

    // From another database: the hint is a command that works.
    let elsewhere = with_extension(database.cluster, "elsewhere")?;
    let error = error_of(&mut elsewhere.connect()?, "SELECT hogsend_schedule()");
    assert_eq!(error.code, SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE);
    let command = error.hint.find("SELECT").map(|at| &error.hint[at..]);
    client.batch_execute(command.context("the hint has no command")?)?;
    let there = "SELECT FROM cron.job WHERE database = 'elsewhere'";
    assert_eq!(count(&mut client, there)?, 2);
    let (ok, detail) = health(&mut elsewhere.connect()?, "scheduled clock")?;
    assert!(ok && detail.contains(HOME), "{detail}");
    // Each database has its own.
    client.batch_execute("SELECT hogsend_schedule()")?;
    assert_eq!(count(&mut client, there)?, 2);
    assert_eq!(count(&mut client, "SELECT FROM cron.job")?, 5);
    assert!(client.query_one(unschedule, &[])?.get::<_, bool>(0));
    assert_eq!(count(&mut client, there)?, 2);
    // As an earlier release had it scheduled from here for there: pg_cron would keep the database.
    client.batch_execute(
        "SELECT cron.unschedule(jobid) FROM cron.job;
         SELECT cron.schedule_in_database('hogsend', '* * * * *', 'CALL public.hogsend_run()', 'elsewhere')",
    )?;
    let error = error_of(&mut client, "SELECT hogsend_schedule()");
    assert_eq!(error.code, SqlState::DUPLICATE_OBJECT, "{error:?}");
    assert!(!client.query_one(unschedule, &[])?.get::<_, bool>(0));
    client.batch_execute("SELECT cron.unschedule(jobid) FROM cron.job")?;
    Ok(())
}

/// Also what an earlier release left, and schedules of one's own.
fn scheduling_says_what_is_in_the_way(client: &mut Client) -> Result<()> {
    // A schedule of one's own is one job's.
    client.batch_execute("SELECT hogsend_schedule(' */5  9-17 * * *')")?;
    let own = [
        ("hogsend".into(), "*/5 9-17 * * *".into()),
        ("hogsend-history".into(), "17 3 * * *".into()),
    ];
    assert_eq!(jobs(client)?, own);
    // 0.2.0 had one a minute, which it still is until this is said again.
    client.batch_execute(
        "SELECT cron.schedule('hogsend', '* * * * *', 'CALL public.hogsend_run()')",
    )?;
    let (ok, detail) = health(client, "scheduled clock")?;
    assert!(
        ok && detail.contains("SELECT hogsend_schedule()"),
        "{detail}"
    );
    // At rest, they are not called; scheduling calls them again.
    client.batch_execute(
        "SELECT hogsend_schedule();
         UPDATE cron.job SET active = false",
    )?;
    let (ok, detail) = health(client, "scheduled clock")?;
    assert!(!ok && detail.contains("told not to run"), "{detail}");
    client.batch_execute("SELECT hogsend_schedule()")?;
    assert_eq!(count(client, "SELECT FROM cron.job WHERE active")?, 3);
    assert!(health(client, "scheduled clock")?.0);

    // What a provider may have set for everybody.
    for (setting, value, remedy) in [
        ("statement_timeout", "20s", "statement_timeout = 0"),
        (
            "default_transaction_read_only",
            "on",
            "default_transaction_read_only = off",
        ),
    ] {
        client.batch_execute(&format!(
            "ALTER DATABASE {HOME} SET {setting} = '{value}'; SELECT hogsend_schedule()"
        ))?;
        let (ok, detail) = health(client, "scheduled clock")?;
        assert!(!ok && detail.contains(remedy), "{detail}");
        let command = detail.find("ALTER").map(|at| &detail[at..]);
        client.batch_execute(command.context("health has no command")?)?;
        let (ok, detail) = health(client, "scheduled clock")?;
        assert!(ok, "{detail}");
        client.batch_execute(&format!(
            "ALTER DATABASE {HOME} RESET {setting}; ALTER ROLE CURRENT_USER IN DATABASE {HOME} RESET {setting}"
        ))?;
    }
    Ok(())
}

/// Name and schedule of those there are.
fn jobs(client: &mut Client) -> Result<Vec<(String, String)>> {
    let query = "SELECT jobname::text, schedule FROM cron.job WHERE active ORDER BY jobname";
    let rows = client.query(query, &[])?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

#[test]
fn health_tells_of_a_run_that_failed() -> Result<()> {
    // pg_cron connects to localhost, where this server does not listen.
    let cluster = Cluster::start(Options {
        cron: Some(Cron {
            database: HOME.into(),
            background_workers: false,
        }),
        ..Options::default()
    })?;
    let database = with_extension(&cluster, HOME)?;
    let mut client = database.connect()?;
    client.batch_execute("CREATE EXTENSION pg_cron")?;
    assert_eq!(cron_health(&mut client)?, (true, "none".into()));
    client.batch_execute("SELECT hogsend_schedule()")?;
    let deadline = Instant::now() + TWO_MINUTES;
    let detail = loop {
        let (ok, detail) = cron_health(&mut client)?;
        if !ok {
            break detail;
        }
        ensure!(Instant::now() < deadline, "no run has failed: {detail}");
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(detail.starts_with("connection failed"), "{detail}");
    assert!(detail.contains("cron.use_background_workers"), "{detail}");
    client.batch_execute("SELECT hogsend_unschedule()")?;

    // Runs of other jobs say nothing; one of this job says that it is over.
    let run = |command: &str, status: &str| {
        format!(
            "INSERT INTO cron.job_run_details (jobid, runid, database, command, status, return_message, end_time)
             SELECT 1, max(runid) + 1, '{HOME}', '{command}', '{status}', 'out of disk', now()
             FROM cron.job_run_details"
        )
    };
    client.batch_execute(&run("VACUUM", "succeeded"))?;
    assert!(!cron_health(&mut client)?.0);
    client.batch_execute(&run("CALL public.hogsend_run()", "succeeded"))?;
    let (ok, detail) = cron_health(&mut client)?;
    assert!(ok && detail.contains("connection failed"), "{detail}");
    client.batch_execute(&run("VACUUM", "failed"))?;
    assert!(cron_health(&mut client)?.0);
    client.batch_execute(&run("SELECT hogsend_reconcile()", "failed"))?;
    let (ok, detail) = cron_health(&mut client)?;
    assert!(!ok && detail.contains("ago: out of disk"), "{detail}");
    // Nobody would try again, unless it is scheduled.
    assert!(detail.contains("nothing is scheduled"), "{detail}");
    client.batch_execute("SELECT hogsend_schedule()")?;
    let (_, detail) = cron_health(&mut client)?;
    assert!(detail.contains("the next run tries again"), "{detail}");
    Ok(())
}

/// pg_cron keeps a row a run for ever; those of the clock go after a week, and nobody else's.
#[test]
fn old_runs_of_the_clock_are_forgotten() -> Result<()> {
    let cluster = Cluster::start(options())?;
    let database = with_extension(&cluster, HOME)?;
    let mut client = database.connect()?;
    client.batch_execute("CREATE EXTENSION pg_cron")?;
    let run = |id: i64, role: &str, database: &str, command: &str, ended: &str| {
        format!(
            "INSERT INTO cron.job_run_details (jobid, runid, username, database, command, status, end_time)
             VALUES (1, {id}, {role}, '{database}', '{command}', 'succeeded', {ended})"
        )
    };
    let (old, young) = ("now() - interval '8 days'", "now() - interval '6 days'");
    let clock = "CALL public.hogsend_run(''75 seconds'')";
    for (id, role, database, command, ended) in [
        (9_001, "current_user", HOME, clock, old),
        // It could not begin, and has no time.
        (9_002, "current_user", HOME, clock, "NULL"),
        (
            9_003,
            "current_user",
            HOME,
            "SELECT hogsend_reconcile()",
            old,
        ),
        (9_004, "current_user", HOME, "VACUUM", old),
        (9_005, "current_user", "elsewhere", clock, old),
        (9_006, "''somebody''", HOME, clock, old),
        (
            9_007,
            "current_user",
            HOME,
            "SELECT public.hogsend_forget_runs()",
            old,
        ),
        (9_008, "current_user", HOME, clock, "NULL"),
        (9_009, "current_user", HOME, clock, young),
    ] {
        let role = role.replace("''", "'");
        client.batch_execute(&run(id, &role, database, command, ended))?;
    }
    // The last that ended more than a week ago is 9007.
    client.batch_execute("SELECT hogsend_schedule()")?;
    let left = "SELECT array_agg(runid ORDER BY runid) FROM cron.job_run_details WHERE runid > 9000 AND runid < 9100";
    let left: Vec<i64> = client.query_one(left, &[])?.get(0);
    assert_eq!(left, [9_004, 9_005, 9_006, 9_008, 9_009]);
    // Once a day the job does the same.
    let job = "SELECT command FROM cron.job WHERE jobname = 'hogsend-history'";
    let command: String = client.query_one(job, &[])?.get(0);
    client.batch_execute(&run(9_010, "current_user", HOME, clock, old))?;
    let removed: i64 = client.query_one(command.as_str(), &[])?.get(0);
    // What had no time goes with it.
    assert_eq!(removed, 2);

    let (ok, detail) = health(&mut client, "cron history")?;
    assert!(ok && detail.ends_with("kB"), "{detail}");
    let tight = "SELECT ok, detail FROM hogsend_check_cron_history(1000)";
    let row = client.query_one(tight, &[])?;
    assert!(!row.get::<_, bool>(0));
    let detail: &str = row.get(1);
    assert!(detail.contains("SELECT hogsend_schedule()"), "{detail}");
    // What it says for all jobs can be said.
    let from = detail.find("DELETE FROM").context("no command")?;
    let to = detail.find(" removes those of all").context("no end")?;
    client.batch_execute(&detail[from..to])?;
    let others = "SELECT FROM cron.job_run_details WHERE runid IN (9004, 9005, 9006)";
    assert_eq!(count(&mut client, others)?, 0);
    client.batch_execute("SELECT hogsend_unschedule()")?;
    assert_eq!(count(&mut client, "SELECT FROM cron.job")?, 0);
    Ok(())
}

fn cron_health(client: &mut Client) -> Result<(bool, String)> {
    health(client, "failed cron run")
}

/// ok and detail of a check.
fn health(client: &mut Client, check: &str) -> Result<(bool, String)> {
    let query = "SELECT ok, detail FROM hogsend_health() WHERE \"check\" = $1";
    let row = client.query_one(query, &[&check])?;
    Ok((row.get(0), row.get(1)))
}

#[test]
fn without_pg_cron_the_error_says_what_to_do() -> Result<()> {
    let plain = Cluster::start(Options::default())?;
    let database = with_extension(&plain, "plain")?;
    for call in ["hogsend_schedule()", "hogsend_unschedule()"] {
        let error = error_of(&mut database.connect()?, &format!("SELECT {call}"));
        assert_eq!(
            error.code,
            SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
            "{error:?}"
        );
        assert!(error.hint.contains("CREATE EXTENSION pg_cron"), "{error:?}");
        assert!(error.hint.contains("hogsend_reconcile"), "{error:?}");
    }
    Ok(())
}
