//! Is what the buckets hold what plain SQL says, and what came of each bucket.

use crate::buckets::BUCKETS;
use anyhow::{Context, Result};
use postgres::Client;
use std::collections::HashMap;

/// How often each bucket was compared, and when it first differed.
#[derive(Default)]
pub struct Checks {
    done: u32,
    different: HashMap<&'static str, String>,
}

impl Checks {
    pub fn check(&mut self, client: &mut Client, now: &str) -> Result<()> {
        self.done += 1;
        for bucket in BUCKETS {
            let expected = bucket
                .members
                .replace("$1", &format!("timestamptz '{now}'"));
            let row = client
                .query_one(
                    &format!(
                        "WITH expected AS ({expected}),
                              stored AS (SELECT user_id FROM bucket_memberships
                                         WHERE bucket_id = $1 AND status = 'active'),
                              missing AS (TABLE expected EXCEPT TABLE stored),
                              extra AS (TABLE stored EXCEPT TABLE expected)
                         SELECT (SELECT count(*) FROM missing), (SELECT count(*) FROM extra),
                                (SELECT min(user_id) FROM (TABLE missing UNION TABLE extra) AS d)"
                    ),
                    &[&bucket.id],
                )
                .with_context(|| format!("checking {}", bucket.id))?;
            let (missing, extra): (i64, i64) = (row.get(0), row.get(1));
            if missing + extra > 0 {
                let example: String = row.get(2);
                self.different.entry(bucket.id).or_insert_with(|| {
                    format!("at {now}: {missing} missing, {extra} too many, such as {example}")
                });
            }
        }
        Ok(())
    }
}

/// Prints the closing table; true when everything is as it must be.
pub fn print(client: &mut Client, checks: &Checks, heard: i64) -> Result<bool> {
    println!(
        "\n{:<20} {:>6} {:>8} {:>8} {:>8}   against plain SQL, {} times",
        "bucket", "size", "entered", "left", "dwelled", checks.done
    );
    for bucket in BUCKETS {
        let row = client.query_one(
            "SELECT (SELECT count(*) FROM bucket_memberships
                     WHERE bucket_id = $1 AND status = 'active'),
                    count(*) FILTER (WHERE transition = 'entered'),
                    count(*) FILTER (WHERE transition = 'left'),
                    count(*) FILTER (WHERE transition = 'dwell')
             FROM bucket_transitions WHERE bucket_id = $1",
            &[&bucket.id],
        )?;
        let n = |column: usize| row.get::<_, i64>(column);
        let verdict = checks.different.get(bucket.id);
        println!(
            "{:<20} {:>6} {:>8} {:>8} {:>8}   {}",
            bucket.id,
            n(0),
            n(1),
            n(2),
            n(3),
            verdict.map_or("OK".to_string(), |d| format!("DIFFERENT {d}"))
        );
    }
    let outbox: i64 = client
        .query_one("SELECT count(*) FROM bucket_transitions", &[])?
        .get(0);
    let all_heard = heard == outbox;
    println!(
        "\nheard of {heard} transitions, the outbox has {outbox}: {}",
        if all_heard { "OK" } else { "DIFFERENT" }
    );
    Ok(checks.different.is_empty() && all_heard)
}
