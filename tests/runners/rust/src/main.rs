//! A journey runner: takes each user through a journey, each step exactly once. DATABASE_URL says where the database
//! is, CONSUMER the name under which hogsend keeps how far this runner has come; SHARD is for several side by side.

use std::{collections::HashMap, convert::Infallible, env, error::Error, future::poll_fn};
use tokio::{signal::unix, sync::mpsc, time};
use tokio_postgres::{NoTls, Row, Statement, Transaction, types::ToSql};

/// What this runner is told of; edit it. It is said at every start, which keeps the position.
const SUBSCRIBE: &str = "
    SELECT hogsend_subscribe($1,
        journeys => '{winback}',
        buckets => NULL,                       -- '{lapsed,stuck-trials}'; NULL is all
        transitions => '{entered,left,dwell}', -- of buckets; left out: only the journeys' steps
        shards => 1)                           -- so many runners go on side by side, SHARD 0, 1, …";

/// The journey; replace it. Its place is kept by hogsend over any number of restarts. A wait comes before what is sent:
/// its answer is false where the run has ended meanwhile, and from then on nothing happens to the user until the commit.
async fn walk(batch: &mut Batch<'_>, step: &Row) -> Result<()> {
    let waits = env::var("WAITS").unwrap_or("2 days,5 days".into());
    let (first, second) = waits.split_once(',').ok_or("WAITS is two intervals")?;
    let goes_on = match step.get("label") {
        None => wait_for(batch, step, first, "first mail").await?,
        // The purchase may have come after the time was over, and before this.
        Some("first mail") if step.get("timed_out") => {
            let user: &str = step.get("user_id");
            wait_for(batch, step, second, "second mail").await?
                && ask(batch, "hogsend_has('lapsed', $1)", &[&user]).await?
        }
        Some(_) => false,
    };
    if goes_on {
        return send(batch, step).await;
    }
    let (run, id): (i64, i64) = (step.get("run_id"), step.get("id"));
    let call = "hogsend_complete($1, $2)";
    ask(batch, call, &[&run, &id]).await.map(drop)
}

// What follows is to be copied as it is.

const POLL: &str = "SELECT * FROM hogsend_poll($1, 100, $2)";
type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Values<'a> = [&'a (dyn ToSql + Sync)];
/// A transaction, and what this connection has prepared: each statement is planned once, not for each step.
type Batch<'a> = (Transaction<'a>, &'a mut HashMap<String, Statement>);

/// What is done for one transition or step; replace it. Rows in this database are written exactly once; anything
/// else may be done again after a failure: send the idempotency_key along, the same each time.
async fn send(batch: &mut Batch<'_>, row: &Row) -> Result<()> {
    let insert = "INSERT INTO sent_mail (idempotency_key, user_id, event) VALUES ($1, $2, $3)";
    let [key, user, event] = ["idempotency_key", "user_id", "event"].map(|c| row.get::<_, &str>(c));
    query(batch, insert, &[&key, &user, &event]).await.map(drop)
}

async fn query(batch: &mut Batch<'_>, sql: &str, values: &Values<'_>) -> Result<Vec<Row>> {
    if !batch.1.contains_key(sql) {
        batch.1.insert(sql.into(), batch.0.prepare(sql).await?);
    }
    Ok(batch.0.query(&batch.1[sql], values).await?)
}

async fn ask(batch: &mut Batch<'_>, call: &str, values: &Values<'_>) -> Result<bool> {
    Ok(query(batch, &format!("SELECT {call}"), values).await?[0].get(0))
}

/// False: the run has ended, or this step was done by another worker.
async fn wait_for(batch: &mut Batch<'_>, step: &Row, timeout: &str, label: &str) -> Result<bool> {
    let (run, id): (i64, i64) = (step.get("run_id"), step.get("id"));
    let call = "hogsend_wait_for($1, 'purchase', $2::text::interval, $3, step => $4)";
    ask(batch, call, &[&run, &timeout, &label, &id]).await
}

/// Takes the next batch through, in one transaction; returns how much there was.
async fn do_batch(batch: &mut Batch<'_>, consumer: &str, shard: i32) -> Result<usize> {
    let rows = query(batch, POLL, &[&consumer, &shard]).await?;
    for row in &rows {
        match row.get("transition") {
            "started" | "resumed" => walk(batch, row).await?,
            "exited" => {}
            _ => send(batch, row).await?,
        }
    }
    if let Some(token) = rows.first().map(|row| row.get::<_, i64>("batch"))
        && !ask(batch, "hogsend_ack($1, $2)", &[&consumer, &token]).await?
    {
        return Err(format!("batch {token} is not the current one").into());
    }
    Ok(rows.len())
}

/// Serves one connection for as long as it lasts; ends by an error only.
async fn run(url: &str, consumer: &str, shard: i32, failures: &mut i32) -> Result<Infallible> {
    let every = env::var("POLL_INTERVAL").map_or(Ok(30.0), |seconds| seconds.parse())?;
    let (mut client, mut connection) = tokio_postgres::connect(url, NoTls).await?;
    let mut prepared = HashMap::new();
    // Room for one hint: it is kept until somebody waits, and more would say no more.
    let (hint, mut hints) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(Ok(_)) = poll_fn(|cx| connection.poll_message(cx)).await {
            let _ = hint.try_send(());
        }
    });
    client.execute(SUBSCRIBE, &[&consumer]).await?;
    // Listen first: what commits from here on is announced, what did before is read below.
    client.batch_execute("LISTEN bucket_transitions").await?;
    eprintln!("event=listening consumer={consumer} shard={shard}");
    loop {
        let mut batch = (client.transaction().await?, &mut prepared);
        let done = do_batch(&mut batch, consumer, shard).await?;
        batch.0.commit().await?; // Dropped by an error or SIGTERM, it is rolled back.
        *failures = 0;
        if done > 0 {
            eprintln!("event=done consumer={consumer} shard={shard} rows={done}");
            continue;
        }
        // A notification is only a hint, and may be missing (hogsend.notify = 'off').
        if let Ok(None) = time::timeout(time::Duration::from_secs_f64(every), hints.recv()).await {
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
        // A lost connection, a restart, an error in a step: it comes again, after a pause that grows and varies.
        let cause = error.source().map(|cause| cause.to_string());
        failures += 1;
        let pause = 30f64.min(0.1 * 2f64.powi(failures)) * rand::random_range(0.5..1.0);
        eprintln!("event=failed consumer={consumer} shard={shard} error=\"{error}\" {cause:?}");
        if time::timeout(time::Duration::from_secs_f64(pause), terminate.recv())
            .await
            .is_ok()
        {
            break;
        }
    }
    eprintln!("event=stopped consumer={consumer} shard={shard}");
    Ok(())
}
