//! Reading a backlog batch by batch, against a cursor that only remembers a number. Neither side
//! waits for the disk (`synchronous_commit = off`), or little else would be measured.

use crate::Scale;
use crate::report::{Report, Turns};
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

const SMALL: i64 = 50_000;
const FULL: i64 = 1_000_000;
/// Of the backlog each turn reads this part, on either side.
const PART: i64 = 10;
const TURNS: i64 = 8;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let backlog = scale.choose(SMALL, FULL);
    cluster.create_database("delivery")?;
    let mut client = cluster.connect("delivery")?;
    fill(&mut client, backlog)?;
    for size in [100, 1000] {
        let mut pair = Pair::new(&mut client, size)?;
        let mut turns = Turns::default();
        for _ in 0..TURNS {
            let batches = backlog / PART / i64::from(size);
            let (measured, _) = timed(|| pair.poll_and_acknowledge(batches))?;
            let (control, _) = timed(|| pair.read_and_remember(batches))?;
            turns.add(measured / batches as f64, control / batches as f64);
        }
        let a_second = f64::from(size) / median(&turns.measured) * 1e6;
        report.note(format!(
            "batches of {size}, backlog of {backlog}: {a_second:.0} transitions a second"
        ));
        let what = format!("poll and ack of {size}, backlog of {backlog}");
        report.add(&what, "SELECT … ORDER BY id, UPDATE of a number", turns);
    }
    Ok(())
}

/// As if 10,000 users had moved about among five buckets, a thousand moves a transaction.
fn fill(client: &mut Client, backlog: i64) -> Result<()> {
    client.batch_execute("CREATE EXTENSION hogsend; SET synchronous_commit = off")?;
    let mut start = 1;
    while start <= backlog {
        client.batch_execute(&format!(
            "INSERT INTO bucket_transitions (event, bucket_id, user_id, transition, entry_count, source,
                                             effective_at, recorded_at, idempotency_key)
             SELECT 'bucket:entered:bucket-' || n % 5, 'bucket-' || n % 5, 'user-' || n % 10000, 'entered',
                    n / 50000 + 1, 'event', now(), now(), 'bucket:bucket-' || n % 5 || ':user-' || n % 10000 || ':entered:' || n / 50000 + 1
             FROM generate_series({start}, {start} + 999) n"
        ))?;
        start += 1000;
    }
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

/// Two who read the same rows with the same number of statements, and commit each batch.
struct Pair<'c> {
    client: &'c mut Client,
    size: i32,
    poll: Statement,
    acknowledge: Statement,
    read: Statement,
    remember: Statement,
}

impl<'c> Pair<'c> {
    fn new(client: &'c mut Client, size: i32) -> Result<Self> {
        client.batch_execute(&format!(
            "SELECT hogsend_subscribe('c{size}', from_beginning => true);
             CREATE TABLE cursor_{size} AS SELECT 0::bigint AS last"
        ))?;
        let poll = client.prepare(&format!("SELECT * FROM hogsend_poll('c{size}', {size})"))?;
        let acknowledge = client.prepare(&format!("SELECT hogsend_ack('c{size}', $1)"))?;
        let read = client.prepare(&format!(
            "SELECT id, event, bucket_id, user_id, transition, entry_count, reason, source, dwell_label,
                    dwell_count, effective_at, recorded_at, idempotency_key
             FROM bucket_transitions WHERE id > (SELECT last FROM cursor_{size}) ORDER BY id LIMIT {size}"
        ))?;
        let remember = client.prepare(&format!("UPDATE cursor_{size} SET last = $1"))?;
        Ok(Pair {
            client,
            size,
            poll,
            acknowledge,
            read,
            remember,
        })
    }

    fn poll_and_acknowledge(&mut self, batches: i64) -> Result<()> {
        for _ in 0..batches {
            let mut transaction = self.client.transaction()?;
            let rows = transaction.query(&self.poll, &[])?;
            ensure!(rows.len() == self.size as usize, "{} rows", rows.len());
            let token: i64 = rows[0].get("batch");
            let acknowledged: bool = transaction.query_one(&self.acknowledge, &[&token])?.get(0);
            ensure!(acknowledged, "a batch was refused");
            transaction.commit()?;
        }
        Ok(())
    }

    fn read_and_remember(&mut self, batches: i64) -> Result<()> {
        for _ in 0..batches {
            let mut transaction = self.client.transaction()?;
            let rows = transaction.query(&self.read, &[])?;
            ensure!(rows.len() == self.size as usize, "{} rows", rows.len());
            let last: i64 = rows[rows.len() - 1].get("id");
            transaction.execute(&self.remember, &[&last])?;
            transaction.commit()?;
        }
        Ok(())
    }
}
