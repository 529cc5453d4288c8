//! The database of a run, how far the run is, and what is counted in it.

use anyhow::{Error, Result};
use hogsend_client_tests::{cluster, with_extension};
use hogsend_harness::{Options, TestDatabase};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// A user is in one room at a time, so a move from room to room is two transitions. Who moved
/// within 300 milliseconds is also in "lately", until the clock takes them out, and who stays in
/// room 0 is told of by a dwell.
const BUCKETS: &str = "
    INSERT INTO buckets (id, criteria, dwell_after)
    SELECT 'room-' || n, hogsend_property('room', 'eq', n),
           CASE WHEN n = 0 THEN ARRAY[interval '100 milliseconds'] ELSE '{}' END
    FROM generate_series(0, 3) AS n
    UNION ALL
    SELECT 'lately', hogsend_event('move', within => interval '300 milliseconds'), '{}'";

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

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Writing,
    /// Writers have stopped; the clock goes on until no timer is left.
    Settling,
    /// Every transition is committed.
    Delivering,
    Over,
}

pub struct World {
    pub database: TestDatabase<'static>,
    /// How many users there are whom everybody moves.
    pub users: usize,
    phase: AtomicU8,
    failure: Mutex<Option<Error>>,
    pub batches: Count,
    pub kills: Count,
    /// Transitions that a worker had in hand again, and that had no second effect: the token was
    /// no longer good, or the key was known.
    pub fenced: Count,
}

impl World {
    /// For a run of so many transitions: each user has a history, and writers meet.
    pub fn new(name: &str, transitions: i64) -> Result<World> {
        let database = with_extension(cluster(options), name)?;
        let mut client = database.connect()?;
        client.batch_execute(BUCKETS)?;
        client.batch_execute(EFFECTS)?;
        Ok(World {
            database,
            users: transitions as usize / 20,
            phase: AtomicU8::new(Phase::Writing as u8),
            failure: Mutex::default(),
            batches: Count::default(),
            kills: Count::default(),
            fenced: Count::default(),
        })
    }

    pub fn is_before(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::SeqCst) < phase as u8
    }

    /// There is no way back.
    pub fn enter(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, Ordering::SeqCst);
    }

    /// Does a part of the run. Whoever fails brings everybody else to an end.
    pub fn take_part(&self, part: impl FnOnce() -> Result<()>) {
        let _end_on_panic = EndOnPanic(self);
        if let Err(error) = part() {
            self.failure.lock().unwrap().get_or_insert(error);
            self.enter(Phase::Over);
        }
    }

    /// The first failure, if there was one.
    pub fn result(&self) -> Result<()> {
        self.failure.lock().unwrap().take().map_or(Ok(()), Err)
    }
}

struct EndOnPanic<'a>(&'a World);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.enter(Phase::Over);
        }
    }
}

fn options() -> Options {
    // The order of transitions is compared with the times of commits.
    Options::default()
        .set("track_commit_timestamp", "on")
        .set("max_prepared_transactions", "100")
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

/// Numbers that look random (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: usize) -> Random {
        Random((seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}
