//! A journey runner: takes each user through a journey, and acts on each transition, exactly once.
//! DATABASE_URL says where the database is. CONSUMER is the name under which hogsend keeps how far
//! this runner has come; SHARD is for several side by side.

use std::{convert::Infallible, env, error::Error, future::poll_fn, time::Duration};
use tokio::{signal::unix, sync::mpsc, time};
use tokio_postgres::{AsyncMessage, Client, NoTls, Row, Transaction, types::ToSql};

/// What this runner is told of; edit it. Saying it again changes the filters and keeps the position, so
/// it is said at every start.
const SUBSCRIBE: &str = "
    SELECT hogsend_subscribe($1,
        journeys => '{winback}',
        buckets => NULL,                       -- '{lapsed,stuck-trials}'; NULL is all
        transitions => '{entered,left,dwell}', -- of buckets; left out: only the journeys' steps
        shards => 1)                           -- so many runners go on side by side, SHARD 0, 1, …";

/// The journey; replace it. Its place is kept by hogsend, so it may take months and any number of
/// restarts. A wait comes before what is sent: its answer is false where the run has ended meanwhile,
/// and from then on nothing happens to the user until this batch is committed.
async fn walk(tx: &Transaction<'_>, step: &Row) -> Result<()> {
    let waits = env::var("WAITS").unwrap_or("2 days,5 days".into());
    let (first, second) = waits.split_once(',').ok_or("WAITS is two intervals")?;
    let goes_on = match step.get("label") {
        None => wait_for(tx, step, first, "first mail").await?,
        // The purchase may have come after the time was over, and before this.
        Some("first mail") if step.get("timed_out") => {
            let user: &str = step.get("user_id");
            wait_for(tx, step, second, "second mail").await?
                && ask(tx, "hogsend_has('lapsed', $1)", &[&user]).await?
        }
        Some(_) => false,
    };
    if goes_on {
        return send(tx, step).await;
    }
    let (run, id): (i64, i64) = (step.get("run_id"), step.get("id"));
    ask(tx, "hogsend_complete($1, $2)", &[&run, &id])
        .await
        .map(drop)
}

// What follows is to be copied as it is.

const POLL: &str = "SELECT * FROM hogsend_poll($1, 100, $2)";
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is done for one transition or step; replace it.
///
/// Rows in this database are written exactly once, because they commit together with the acknowledgement.
/// Anything else may be done again after a failure: send the idempotency_key along, the same each time.
async fn send(tx: &Transaction<'_>, row: &Row) -> Result<()> {
    let insert = "INSERT INTO sent_mail (idempotency_key, user_id, event) VALUES ($1, $2, $3)";
    let values = ["idempotency_key", "user_id", "event"].map(|column| row.get::<_, &str>(column));
    tx.execute_raw(insert, values).await?;
    Ok(())
}

async fn ask(tx: &Transaction<'_>, call: &str, values: &[&(dyn ToSql + Sync)]) -> Result<bool> {
    let row = tx.query_one(&format!("SELECT {call}"), values).await?;
    Ok(row.get(0))
}

/// False: the run has ended, or this step was done by another worker.
async fn wait_for(tx: &Transaction<'_>, step: &Row, timeout: &str, label: &str) -> Result<bool> {
    let (run, id): (i64, i64) = (step.get("run_id"), step.get("id"));
    let call = "hogsend_wait_for($1, 'purchase', $2::text::interval, $3, step => $4)";
    ask(tx, call, &[&run, &timeout, &label, &id]).await
}

/// Takes the next batch through, in one transaction; returns how much there was.
async fn do_batch(client: &mut Client, consumer: &str, shard: i32) -> Result<usize> {
    let tx = client.transaction().await?; // Dropped by an error or SIGTERM, it is rolled back.
    let batch = tx.query(POLL, &[&consumer, &shard]).await?;
    for row in &batch {
        match row.get("transition") {
            "started" | "resumed" => walk(&tx, row).await?,
            "exited" => {}
            _ => send(&tx, row).await?,
        }
    }
    if let Some(first) = batch.first() {
        let token: i64 = first.get("batch");
        if !ask(&tx, "hogsend_ack($1, $2)", &[&consumer, &token]).await? {
            return Err(format!("batch {token} is not the current one").into());
        }
    }
    tx.commit().await?;
    Ok(batch.len())
}

/// Serves one connection for as long as it lasts; ends by an error only.
async fn run(url: &str, consumer: &str, shard: i32, failures: &mut i32) -> Result<Infallible> {
    let interval = env::var("POLL_INTERVAL").map_or(Ok(30.0), |seconds| seconds.parse())?;
    let interval = Duration::from_secs_f64(interval);
    let (mut client, mut connection) = tokio_postgres::connect(url, NoTls).await?;
    // Room for one hint: it is kept until somebody waits, and more would say no more.
    let (hint, mut hints) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notification(_) = message {
                let _ = hint.try_send(());
            }
        }
    });
    client.execute(SUBSCRIBE, &[&consumer]).await?;
    // Listen first: what commits from here on is announced, what did before is read below.
    client.batch_execute("LISTEN bucket_transitions").await?;
    eprintln!("event=listening consumer={consumer} shard={shard}");
    loop {
        let done = do_batch(&mut client, consumer, shard).await?;
        *failures = 0;
        if done > 0 {
            eprintln!("event=done consumer={consumer} shard={shard} rows={done}");
            continue;
        }
        // A notification is only a hint, and may be missing (hogsend.notify = 'off').
        if let Ok(None) = time::timeout(interval, hints.recv()).await {
            return Err("the connection was lost".into());
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set")?;
    let consumer = env::var("CONSUMER").unwrap_or("mails".into());
    let shard = env::var("SHARD").map_or(Ok(0), |n| n.parse())?;
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    let mut failures = 0;
    loop {
        // Wherever SIGTERM strikes, the batch is rolled back; the next start gets it again.
        let error = tokio::select! {
            Err(error) = run(&url, &consumer, shard, &mut failures) => error,
            _ = terminate.recv() => break,
        };
        // A lost connection, a restart, an error in a step: the batch comes again, after a pause that grows
        // and varies.
        let cause = error.source().map(|cause| cause.to_string());
        failures += 1;
        let pause = 30f64.min(0.1 * 2f64.powi(failures)) * rand::random_range(0.5..1.0);
        eprintln!("event=failed consumer={consumer} shard={shard} error=\"{error}\" {cause:?}");
        tokio::select! {
            _ = time::sleep(Duration::from_secs_f64(pause)) => {}
            _ = terminate.recv() => break,
        }
    }
    eprintln!("event=stopped consumer={consumer} shard={shard}");
    Ok(())
}
