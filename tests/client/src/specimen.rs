//! A database in use, and all that is in it: for tests that carry it elsewhere and compare.

use anyhow::{Context, Result, bail};
use hogsend_harness::Cluster;
use postgres::Client;
use std::collections::{BTreeMap, BTreeSet};

/// Members, history, timers, a consumer halfway through the outbox, a job under way, somebody who
/// is deleted, somebody in the queue, what else the release knows, values that a text format could lose, a column and an index of the user's own.
/// `more` comes before the events do.
pub fn fill(client: &mut Client, more: &str) -> Result<()> {
    client.batch_execute(
        "INSERT INTO buckets (id, criteria, dwell_after, max_dwell) VALUES
             ('loyal', hogsend_event('buy', within => interval '30 days', at_least => 2),
              '{1 day}', NULL),
             ('quiet', hogsend_all(hogsend_event('buy'), hogsend_event('buy',
                  within => interval '7 days', never => true)), '{}', '60 days'),
             ('trial', hogsend_property('plan', 'eq', 'trial'), '{}', NULL);
         INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
         ALTER TABLE contacts ADD COLUMN score int DEFAULT 7;
         CREATE INDEX contacts_score ON contacts (score);
         SELECT hogsend_subscribe('mailer', shards => 2)",
    )?;
    client.batch_execute(more)?;
    client.batch_execute(
        "INSERT INTO user_events (user_id, event, properties, value, occurred_at,
                                  contact_properties, user_email, idempotency_key)
         SELECT 'u' || n % 400, 'buy', jsonb_build_object('n', n, 'huge', 1e400), n / 7.0,
                now() - n % 40 * interval '1 day',
                CASE WHEN n % 3 = 0 THEN '{\"plan\":\"trial\"}'::jsonb END,
                'U' || n % 400 || '@example.org', 'k' || n
         FROM generate_series(1, 2000) AS n;
         SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3']);
         DO $$ BEGIN
             PERFORM hogsend_ack('mailer', p.batch) FROM hogsend_poll('mailer', 50, shard => 0) p LIMIT 1;
             PERFORM FROM hogsend_poll('mailer', 20, shard => 1);
         END $$;
         UPDATE contacts SET properties = '{\"plan\":\"paid\"}' WHERE user_id LIKE 'u1%';
         UPDATE contacts SET deleted_at = now() WHERE user_id LIKE 'u22%'",
    )?;
    let knows_queries = "SELECT to_regclass('bucket_refreshes') IS NOT NULL";
    if client.query_one(knows_queries, &[])?.get(0) {
        fill_since_0_3(client)?;
    }
    client.batch_execute(
        "SET hogsend.inline_backfill = 0;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, criteria) VALUES ('under-way', hogsend_event('buy'));
         SELECT FROM hogsend_reconcile(100);
         RESET client_min_messages;
         RESET hogsend.inline_backfill;
         SET hogsend.evaluate = later;
         INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u5', 'buy', '{\"plan\":\"trial\"}');
         RESET hogsend.evaluate",
    )?;
    if client
        .query_one("SELECT to_regclass('feeds') IS NOT NULL", &[])?
        .get(0)
    {
        attach(client)?;
        client.batch_execute("DROP TABLE sales CASCADE; DROP FUNCTION hogsend_feed_sales")?;
    }
    for (table, (rows, _)) in contents(client)? {
        if rows == 0 {
            bail!("{table} is empty, so it would prove nothing");
        }
    }
    Ok(())
}

/// What only releases from 0.3.0 on know: a bucket that follows a query, with somebody whom it holds out
/// because their stay timed out; a stay that was pruned and counted; somebody who was erased.
fn fill_since_0_3(client: &mut Client) -> Result<()> {
    client.batch_execute(
        r#"INSERT INTO buckets (id, criteria) VALUES
             ('dear', '{"type":"event","eventName":"buy","check":"count","operator":"gte","value":2,"within":"30 days",
                        "where":{"type":"property","property":"$value","operator":"gt","value":50}}'),
             ('some-time-ago', '{"type":"event","eventName":["buy","sell"],"check":"exists","within":"60 days","olderThan":"20 days"}'),
             ('last-even', '{"type":"event","eventName":"buy","check":"exists","pick":"last",
                             "having":{"type":"property","property":"n","operator":"in","value":[2,4,6,8,1998,2000]}}'),
             ('some', '{"type":"composite","operator":"and","conditions":[{"type":"everyone"},
                 {"type":"not","condition":{"type":"sample","salt":"held out","from":0,"to":10}},
                 {"type":"property","property":"plan","operator":"matches","value":"^(PAID|t.*l)$","ignoreCase":true}]}')"#,
    )?;
    client.batch_execute(
        "SET client_min_messages = warning;
         INSERT INTO buckets (id, kind, query, refresh_every, max_dwell)
         VALUES ('asked', 'query', 'SELECT user_id FROM contacts WHERE user_id LIKE ''u3_''', '1 hour', '30 days');
         RESET client_min_messages;
         SELECT FROM hogsend_refresh('asked');
         UPDATE bucket_memberships SET max_dwell_at = now() WHERE bucket_id = 'asked' AND user_id = 'u30';
         UPDATE bucket_timers SET due_at = now() WHERE bucket_id = 'asked' AND user_id = 'u30';
         SELECT FROM hogsend_reconcile(1000);
         SELECT FROM hogsend_refresh('asked');
         SELECT hogsend_remove_member('beta', 'u1'), hogsend_add_member('beta', 'u1');
         SELECT hogsend_remove_member('beta', 'u1'), hogsend_add_member('beta', 'u1');
         SELECT FROM hogsend_prune(memberships_older_than => '0');
         SELECT FROM hogsend_forget_user('u390');
         INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'u1')",
    )?;
    journeys(client)
}

/// Runs of a journey: one that has just begun and whose step nobody has read, one that sleeps, one that waits for an
/// event, one that has been told of it, and some that have ended in every way.
fn journeys(client: &mut Client) -> Result<()> {
    client.batch_execute(
        r#"SET client_min_messages = warning;
         SELECT hogsend_define_journey('welcome', '{signup}', '{gone}', entry_limit => 'once');
         SELECT hogsend_define_journey('idle', '{never}', enabled => false);
         SELECT hogsend_subscribe('walker', journeys => '{welcome}');
         RESET client_min_messages;
         INSERT INTO user_events (user_id, event, properties) SELECT 'r' || n, 'signup', '{"plan": "trial"}' FROM generate_series(1, 8) n;
         SELECT hogsend_ack('walker', max(p.batch)) FROM hogsend_poll('walker') p;
         SELECT hogsend_sleep(r.id, '2 days', 'first mail', '{"mails": 1, "huge": 1e400}', r.step_id) FROM journey_runs r WHERE r.user_id = 'r1';
         SELECT hogsend_wait_for(r.id, 'opened', '3 days', 'second mail', hogsend_property('mail', 'gt', 1), step => r.step_id)
         FROM journey_runs r WHERE r.user_id IN ('r2', 'r3', 'r4');
         SELECT hogsend_complete(r.id) FROM journey_runs r WHERE r.user_id = 'r5';
         SELECT hogsend_fail(r.id, 'no address') FROM journey_runs r WHERE r.user_id = 'r6';
         INSERT INTO user_events (user_id, event, properties) VALUES ('r3', 'opened', '{"mail": 2}'), ('r4', 'gone', '{}')"#,
    )?;
    Ok(())
}

/// That the journey goes on elsewhere: what its runner has not acknowledged is told, who waited hears of the event, an
/// exit ends, and who comes anew begins. Nothing to see where the specimen is of a release without journeys.
pub fn journeys_go_on(client: &mut Client) -> Result<()> {
    let has = "SELECT to_regclass('journey_runs') IS NOT NULL";
    if !client.query_one(has, &[])?.get::<_, bool>(0)
        || client
            .query("SELECT FROM journeys WHERE id = 'welcome'", &[])?
            .is_empty()
    {
        return Ok(());
    }
    let told = client.query("SELECT event, user_id FROM hogsend_poll('walker')", &[])?;
    let told: Vec<(String, String)> = told.iter().map(|row| (row.get(0), row.get(1))).collect();
    for (event, user) in [
        ("journey:resumed:welcome", "r3"),
        ("journey:exited:welcome", "r4"),
    ] {
        if !told.contains(&(event.to_owned(), user.to_owned())) {
            bail!("{event} of {user} is not told: {told:?}");
        }
    }
    client.batch_execute(
        r#"INSERT INTO user_events (user_id, event, properties)
           VALUES ('r2', 'opened', '{"mail": 2}'), ('r7', 'gone', '{}'), ('newcomer', 'signup', '{}')"#,
    )?;
    let runs: String = client
        .query_one(
            "SELECT string_agg(concat_ws(' ', r.user_id, r.status, r.label, r.reason, r.state ->> 'mails'), ', ' ORDER BY r.user_id)
             FROM journey_runs r",
            &[],
        )?
        .get(0);
    let expected = "newcomer active, r1 waiting first mail 1, r2 active second mail, r3 active second mail, \
                    r4 exited second mail gone, r5 completed, r6 failed, r7 exited gone, r8 active";
    if runs != expected {
        bail!("the runs are {runs}");
    }
    let of_r1 = "SELECT FROM bucket_timers WHERE user_id = 'r1' AND bucket_id = 'journey:welcome'";
    if client.query(of_r1, &[])?.len() != 1 {
        bail!("nothing will end the sleep of r1");
    }
    Ok(())
}

/// A table of the user's that is attached, with a row that is nobody's; the clock has not added that up. In the
/// specimen it is gone again, because most who carry hogsend's tables elsewhere carry no others.
pub fn attach(client: &mut Client) -> Result<()> {
    client.batch_execute(
        "CREATE TABLE sales (id int PRIMARY KEY, buyer text, at timestamptz);
         SELECT hogsend_attach_events('sales', key => 'id', user_id => 'buyer', event => $$'sold'$$, occurred_at => 'at');
         INSERT INTO sales VALUES (1, 'u1', now()), (2, NULL, now())",
    )?;
    Ok(())
}

/// For every table its rows, as a number and one hash; the order of the rows and of the columns
/// counts for nothing. Not of `bucket_totals`, in which to be without a row is as good.
pub type Contents = BTreeMap<String, (i64, String)>;

pub fn contents(client: &mut Client) -> Result<Contents> {
    let columns = columns(client)?;
    contents_in(client, &columns)
}

/// The columns that each table has: for comparing what is in them after an update, which may add some.
pub type Columns = BTreeMap<String, Vec<String>>;

pub fn columns(client: &mut Client) -> Result<Columns> {
    let rows = client.query(
        "SELECT c.relname::text, array_agg(a.attname::text) FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relname IN ('buckets', 'contacts', 'user_events', 'bucket_memberships',
                             'bucket_timers', 'bucket_transitions', 'bucket_consumers',
                             'bucket_positions', 'bucket_jobs', 'user_queue', 'bucket_refreshes',
                             'bucket_holdouts', 'bucket_counts', 'bucket_erasures', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs') AND c.relkind IN ('r', 'p')
         GROUP BY c.relname",
        &[],
    )?;
    // As many as the first releases had.
    if rows.len() < 9 {
        bail!("there are {} of at least nine tables", rows.len());
    }
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The same of these columns alone.
pub fn contents_in(client: &mut Client, columns: &Columns) -> Result<Contents> {
    let mut contents = BTreeMap::new();
    for (table, columns) in columns {
        let name: String = client
            .query_one(
                "SELECT c.oid::regclass::text FROM pg_class c
                 WHERE c.relname = $1 AND c.relkind IN ('r', 'p')",
                &[table],
            )?
            .get(0);
        let row = client.query_one(
            &format!(
                "SELECT count(*), coalesce(md5(string_agg(h, '' ORDER BY h)), '')
                 FROM (SELECT md5((SELECT jsonb_object_agg(v.key, v.value)
                                   FROM jsonb_each(to_jsonb(t)) v
                                   WHERE v.key = ANY ($1))::text) AS h FROM {name} t) AS rows"
            ),
            &[columns],
        )?;
        contents.insert(table.clone(), (row.get(0), row.get(1)));
    }
    Ok(contents)
}

/// The names of the tables whose rows differ.
pub fn differing<'c>(one: &'c Contents, other: &Contents) -> Vec<&'c str> {
    one.iter()
        .filter(|(table, rows)| other.get(*table) != Some(rows))
        .map(|(table, _)| table.as_str())
        .collect()
}

/// What the consumer has acknowledged so far, as long as all that it has not is still pending.
pub fn acknowledged(client: &mut Client) -> Result<BTreeSet<String>> {
    let rows = client.query(
        "SELECT t.idempotency_key FROM bucket_transitions t
         JOIN bucket_positions p ON p.consumer = 'mailer' AND p.shard = hogsend_shard(t.user_id, 2)
         WHERE t.event LIKE 'bucket:%' AND t.id <= p.mark AND pg_visible_in_snapshot(t.xid, p.passed)",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// What the consumer's shards have yet to acknowledge, and now have.
pub fn read_on(client: &mut Client) -> Result<BTreeSet<String>> {
    let mut read = BTreeSet::new();
    for shard in [0, 1] {
        loop {
            let mut transaction = client.transaction()?;
            let batch = transaction.query(
                "SELECT batch, idempotency_key FROM hogsend_poll('mailer', 100, shard => $1)",
                &[&shard],
            )?;
            let Some(first) = batch.first() else {
                break;
            };
            let token: i64 = first.get(0);
            let moved: bool = transaction
                .query_one("SELECT hogsend_ack('mailer', $1)", &[&token])?
                .get(0);
            if !moved {
                bail!("batch {token} was not acknowledged");
            }
            transaction.commit()?;
            read.extend(batch.iter().map(|row| row.get::<_, String>(1)));
        }
    }
    Ok(read)
}

/// Where what is stored differs from a full recomputation, in any bucket.
pub fn verify(client: &mut Client) -> Result<Vec<String>> {
    let rows = client.query(
        "SELECT concat_ws(' ', b.id, v.user_id, v.stored, v.computed, v.detail)
         FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v WHERE b.kind <> 'manual'",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// A client program of the server's, with its complaints when it fails.
pub fn run(cluster: &Cluster, program: &str, database: &str, arguments: &[&str]) -> Result<()> {
    let output = cluster
        .programs()
        .client(program)
        .envs(cluster.environment(database))
        .args(arguments)
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!("{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
