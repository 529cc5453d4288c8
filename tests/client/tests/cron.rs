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
    let job = client.query_one("SELECT jobname, schedule, active FROM cron.job", &[])?;
    assert_eq!(job.get::<_, &str>(0), "hogsend");
    assert_eq!(job.get::<_, &str>(1), "* * * * *");

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
    let failed = "SELECT FROM cron.job_run_details WHERE status = 'failed'";
    assert_eq!(count(&mut client, failed)?, 0);

    let unschedule = "SELECT hogsend_unschedule()";
    assert!(client.query_one(unschedule, &[])?.get::<_, bool>(0));
    assert!(!client.query_one(unschedule, &[])?.get::<_, bool>(0));
    assert_eq!(count(&mut client, "SELECT FROM cron.job")?, 0);

    // From another database: the hint is a command that works.
    let elsewhere = with_extension(database.cluster, "elsewhere")?;
    let error = error_of(&mut elsewhere.connect()?, "SELECT hogsend_schedule()");
    assert_eq!(error.code, SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE);
    let command = error.hint.find("SELECT").map(|at| &error.hint[at..]);
    client.batch_execute(command.context("the hint has no command")?)?;
    let job = client.query_one("SELECT jobname, database FROM cron.job", &[])?;
    assert_eq!(job.get::<_, &str>(1), "elsewhere");
    client.execute("SELECT cron.unschedule('hogsend')", &[])?;
    Ok(())
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
    Ok(())
}

/// ok and detail of the check.
fn cron_health(client: &mut Client) -> Result<(bool, String)> {
    let query = "SELECT ok, detail FROM hogsend_health() WHERE \"check\" = 'failed cron run'";
    let row = client.query_one(query, &[])?;
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
