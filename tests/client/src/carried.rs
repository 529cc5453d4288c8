//! What must be so of a database in use (see [`crate::specimen`]) after it was carried elsewhere.

use crate::catalog::{Objects, differences, objects, without_view_texts};
use crate::specimen::{self, Contents};
use crate::{count, error_of, reconcile};
use anyhow::{Result, ensure};
use postgres::Client;
use postgres::error::SqlState;
use std::collections::BTreeSet;

/// A database as it was.
pub struct Before {
    pub contents: Contents,
    objects: Objects,
    pub acknowledged: BTreeSet<String>,
}

impl Before {
    pub fn of(client: &mut Client) -> Result<Before> {
        Ok(Before {
            contents: specimen::contents(client)?,
            objects: without_view_texts(objects(client)?),
            acknowledged: specimen::acknowledged(client)?,
        })
    }

    /// The same rows everywhere: none lost, and no trigger has added any. The same columns, indexes,
    /// constraints, triggers and comments.
    pub fn is_whole(&self, client: &mut Client) -> Result<()> {
        let contents = specimen::contents(client)?;
        let differ = specimen::differing(&self.contents, &contents);
        ensure!(differ.is_empty(), "other rows in {differ:?}");
        let differ = differences(&self.objects, &without_view_texts(objects(client)?));
        ensure!(differ.is_empty(), "other objects:\n{}", differ.join("\n"));
        Ok(())
    }

    /// A copy does nothing until it is told that it is the real one now. Then it looks at everybody,
    /// and what the consumer had not acknowledged is delivered: `unread`, as the source says.
    pub fn rests_until_adopted(
        &self,
        client: &mut Client,
        unread: &BTreeSet<String>,
    ) -> Result<()> {
        let goes_on = client.query_one(
            "INSERT INTO user_events (user_id, event) VALUES ('u0', 'buy')
             RETURNING id > (SELECT max(id) FROM user_events)",
            &[],
        )?;
        ensure!(goes_on.get::<_, bool>(0), "numbers are given out again");
        client.batch_execute(
            "INSERT INTO user_events (user_id, event) VALUES ('new', 'buy'), ('new', 'buy');
             INSERT INTO user_events (user_id, event, properties) VALUES ('r2', 'opened', '{\"mail\": 2}'), ('r8', 'gone', '{}'), ('rests', 'signup', '{}');
             SET client_min_messages = error;
             SELECT hogsend_reconcile();
             RESET client_min_messages",
        )?;
        for (table, column) in [
            ("bucket_transitions", "id"),
            ("bucket_memberships", "entered_at"),
            ("journey_runs", "since"),
        ] {
            let rows = count(client, &format!("SELECT {column} FROM {table}"))?;
            let before = self.contents[table].0;
            ensure!(
                rows == before,
                "{} more rows in {table} before adoption",
                rows - before
            );
        }
        let error = error_of(client, "SELECT * FROM hogsend_poll('mailer', shard => 0)");
        ensure!(
            error.code == SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE
                && error.hint.contains("hogsend_adopt()"),
            "{error:?}"
        );

        client.batch_execute("SELECT hogsend_adopt()")?;
        reconcile(client)?;
        let moved = "SELECT FROM journey_runs WHERE user_id = 'rests' OR user_id = 'r2' AND status <> 'waiting' OR user_id = 'r8' AND ended_at IS NOT NULL";
        ensure!(
            count(client, moved)? == 0,
            "what came before adoption moved runs"
        );
        works(client)?;
        let told = specimen::read_on(client)?;
        ensure!(unread.is_subset(&told), "something is never delivered");
        ensure!(
            told.is_disjoint(&self.acknowledged),
            "something is delivered again"
        );
        Ok(())
    }
}

/// Nothing that happened meanwhile is missing, and what happens now is seen.
pub fn works(client: &mut Client) -> Result<()> {
    reconcile(client)?;
    let differ = specimen::verify(client)?;
    ensure!(
        differ.is_empty(),
        "what is stored is not so:\n{}",
        differ.join("\n")
    );
    specimen::journeys_go_on(client)?;
    moves(client, "latest")
}

/// Events move somebody who was not there before.
pub fn moves(client: &mut Client, user: &str) -> Result<()> {
    client.execute(
        "INSERT INTO user_events (user_id, event) VALUES ($1, 'buy'), ($1, 'buy')",
        &[&user],
    )?;
    let entered = client.query(
        "SELECT FROM bucket_transitions WHERE user_id = $1 AND event = 'bucket:entered:loyal'",
        &[&user],
    )?;
    ensure!(entered.len() == 1, "two purchases moved {user} nowhere");
    Ok(())
}
