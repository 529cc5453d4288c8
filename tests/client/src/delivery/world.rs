//! The database of a run, how far the run is, and what is counted in it.

use crate::stage::Stage;
use anyhow::Result;
use hogsend_harness::TestDatabase;
use std::sync::atomic::{AtomicU64, Ordering};

/// Puts users into rooms, each into one at random.
pub const MOVE: &str = "
    INSERT INTO user_events (user_id, event, contact_properties)
    SELECT u, 'move', jsonb_build_object('room', floor(random() * 4)) FROM unnest($1::text[]) AS u";

/// What workers do. `seq` is taken in the transaction of the effect; and a user's next effect does
/// not begin before this one is committed, so it says in which order they took place.
const EFFECTS: &str = "
    CREATE TABLE effects (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        consumer text NOT NULL,
        batch bigint NOT NULL,
        id bigint NOT NULL,
        user_id text NOT NULL,
        bucket_id text NOT NULL,
        transition text NOT NULL,
        entry_count integer NOT NULL,
        idempotency_key text NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id()
    )";

pub struct World<'c> {
    pub database: TestDatabase<'c>,
    pub stage: Stage,
    /// How many users there are whom everybody moves.
    pub users: usize,
    pub batches: Count,
    pub kills: Count,
    /// Transitions that a worker had in hand again, and that had no second effect: the token was
    /// no longer good, or the key was known.
    pub fenced: Count,
}

impl<'c> World<'c> {
    pub fn new(database: TestDatabase<'c>, users: usize) -> Result<Self> {
        database.connect()?.batch_execute(EFFECTS)?;
        Ok(World {
            database,
            stage: Stage::default(),
            users,
            batches: Count::default(),
            kills: Count::default(),
            fenced: Count::default(),
        })
    }
}

#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, n: usize) {
        self.0.fetch_add(n as u64, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
