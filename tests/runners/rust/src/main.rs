//! A journey runner: acts on each transition of hogsend's buckets, exactly once.
//!
//! DATABASE_URL says where the database is. CONSUMER is the name under which hogsend keeps how far
//! this runner has come; SHARD is for several side by side.

use std::{convert::Infallible, env, error::Error, future::poll_fn, time::Duration};
use tokio::{signal::unix, sync::mpsc, time};
use tokio_postgres::{AsyncMessage, Client, NoTls, Row, Transaction};

/// What this runner is told of; edit it. NULL is everything. Saying it again changes the filters and
/// keeps the position, so it is said at every start.
const SUBSCRIBE: &str = "
    SELECT hogsend_subscribe($1,
        buckets => NULL,              -- '{lapsed,stuck-trials}'
        transitions => NULL,          -- '{entered,left,dwell}'
        reasons => NULL,              -- of leaves: '{criteria,maxDwell,manual,bucketDeleted}'
        first_entry_only => false,    -- of entries
        shards => 1)                  -- so many runners go on side by side, SHARD 0, 1, …";
const POLL: &str = "SELECT * FROM hogsend_poll($1, 100, $2)";
const ACK: &str = "SELECT hogsend_ack($1, $2)";
const LONGEST_PAUSE: f64 = 30.0; // seconds

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is done for one transition; replace it.
///
/// Rows in this database are written exactly once, because they commit together with the
/// acknowledgement. Anything else (a mail, a request) may be done again after a failure: send the
/// idempotency_key along, which is the same each time, and let the receiver drop what it has seen;
/// or write a row here, as this does, for a mailer that sends with that key.
async fn act(tx: &Transaction<'_>, transition: &Row) -> Result<()> {
    let text = |column| transition.get::<_, &str>(column);
    let insert = "INSERT INTO sent_mail (idempotency_key, user_id, event) VALUES ($1, $2, $3)";
    let values = [text("idempotency_key"), text("user_id"), text("event")];
    tx.execute_raw(insert, values).await?;
    Ok(())
}

/// Takes the next batch through, in one transaction; returns how much there was.
async fn do_batch(client: &mut Client, consumer: &str, shard: i32) -> Result<usize> {
    // If an error or SIGTERM ends this, the transaction is dropped, and so rolled back.
    let tx = client.transaction().await?;
    let batch = tx.query(POLL, &[&consumer, &shard]).await?;
    for transition in &batch {
        act(&tx, transition).await?;
    }
    if let Some(first) = batch.first() {
        let token: i64 = first.get("batch");
        let ack = tx.query_one(ACK, &[&consumer, &token]).await?;
        if !ack.get::<_, bool>(0) {
            return Err(format!("batch {token} is not the current one").into());
        }
    }
    tx.commit().await?;
    Ok(batch.len())
}

/// Serves one connection for as long as it lasts; ends by an error only.
async fn run(url: &str, consumer: &str, shard: i32, failures: &mut i32) -> Result<Infallible> {
    let interval = env::var("POLL_INTERVAL").map_or(Ok(30.0), |seconds| seconds.parse())?;
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
            eprintln!("event=done consumer={consumer} shard={shard} transitions={done}");
            continue;
        }
        // A notification is only a hint, and one may be missing (hogsend.notify = 'off'), so look
        // now and then in any case.
        let wait = time::timeout(Duration::from_secs_f64(interval), hints.recv());
        if let Ok(None) = wait.await {
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
        // A lost connection, a restart, an error in act(): the batch comes again. The pause grows, so
        // that what always fails does not spin, and varies, so that many do not come back at once.
        let cause = error.source().map(|cause| cause.to_string());
        failures += 1;
        let pause = LONGEST_PAUSE.min(0.1 * 2f64.powi(failures)) * rand::random_range(0.5..1.0);
        eprintln!(
            "event=failed consumer={consumer} shard={shard} error=\"{error}\" cause={cause:?}"
        );
        tokio::select! {
            _ = time::sleep(Duration::from_secs_f64(pause)) => {}
            _ = terminate.recv() => break,
        }
    }
    eprintln!("event=stopped consumer={consumer} shard={shard}");
    Ok(())
}
