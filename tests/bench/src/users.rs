//! A row of an attached table of users that changes: a prepared one-row UPDATE, seen from the client's side
//! of the socket, against the same UPDATE of a plain copy of the table.

use crate::Scale;
use crate::contacts::{self, BLOCK, USERS};
use crate::report::Report;
use crate::setup::{self, count};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;

const SMALL: u64 = 4;
const FULL: u64 = 16;

/// What changes, the column and its new value as SQL, and whether somebody joins or leaves by it.
const CASES: [(&str, &str, bool); 3] = [
    (
        "a column that is not a property",
        "seen = users.seen + 1",
        false,
    ),
    (
        "a property that no bucket asks for",
        "note = users.note + 1",
        false,
    ),
    (
        "a property, joined or left",
        "plan = CASE users.plan WHEN 'pro' THEN 'free' ELSE 'pro' END",
        true,
    ),
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let name = "attached_users";
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         SET synchronous_commit = off;
         INSERT INTO buckets (id, criteria)
         SELECT 'pro', hogsend_property('plan', 'eq', 'pro') UNION ALL
         SELECT 'other-' || n, hogsend_property('other-' || n, 'eq', 'x') FROM generate_series(2, 10) n;
         CREATE TABLE users (id text PRIMARY KEY, email text, plan text, country text, note int, seen int);
         CREATE TABLE plain (LIKE users INCLUDING ALL);
         SELECT hogsend_attach_contacts('users', user_id => 'id', email => 'email', properties => '{{plan,country,note}}');
         INSERT INTO users
         SELECT 'user-' || n, 'user-' || n || '@example.com', 'free', 'NL', 0, 0 FROM generate_series(0, {USERS} - 1) n;
         INSERT INTO plain SELECT * FROM users"
    ))?;
    setup::settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    let blocks = scale.choose(SMALL, FULL);
    for (what, change, moves) in CASES {
        let update = |table| format!("UPDATE {table} AS users SET {change} WHERE id = $1");
        let before = count(&mut client, "bucket_transitions")?;
        let turns = contacts::turns(&mut client, &update("users"), &update("plain"), blocks)?;
        let moved = count(&mut client, "bucket_transitions")? - before;
        let updates = (blocks + 1) as i64 * BLOCK as i64;
        let expected = if moves { updates } else { 0 };
        ensure!(moved == expected, "{moved} transitions, not {expected}");
        let what = format!("UPDATE of a row of attached users: {what}");
        report.add(&what, "plain table", turns);
    }
    Ok(())
}
