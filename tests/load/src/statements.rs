//! What applications do all day, in SQL.

use hogsend_model::Random;
use std::time::Instant;

pub const USERS: usize = 2_000;
/// For so long half of all purchases are one user's, so that sessions meet where they count.
const TURN_MILLIS: u128 = 40;

/// Every shape: properties, windows that close within seconds and within weeks, counts and their
/// negation, stays with a least and a greatest length, dwells.
pub const BUCKETS: &str = "
    INSERT INTO buckets (id, criteria, dwell_after, min_dwell, max_dwell)
    SELECT 'room-' || n, hogsend_property('room', 'eq', n),
           CASE WHEN n = 0 THEN ARRAY[interval '1 second'] ELSE '{}' END, NULL, NULL
    FROM generate_series(0, 3) AS n
    UNION ALL VALUES
    ('lately', hogsend_event('move', within => interval '2 seconds'), ARRAY[]::interval[], NULL::interval, NULL::interval),
    ('often', hogsend_event('buy', within => interval '3 seconds', at_least => 2), '{}', '1 second', '5 seconds'),
    ('loyal', hogsend_event('buy', within => interval '30 days', at_least => 5), '{}', NULL, NULL),
    ('lapsed', hogsend_all(hogsend_event('move'),
                           hogsend_event('move', within => interval '3 seconds', never => true)), '{}', NULL, NULL),
    ('level', hogsend_property('level', 'lt', 50), '{}', NULL, NULL)";

/// Of all sessions' statements.
pub struct Statements {
    pub random: Random,
    began: Instant,
}

impl Statements {
    pub fn new(seed: usize, began: Instant) -> Statements {
        Statements {
            random: Random::new(seed as u64),
            began,
        }
    }

    /// What a session does next; several statements where it is a transaction.
    pub fn any(&mut self) -> String {
        match self.random.below(20) {
            0..6 => self.insert(1),
            6..8 => {
                let rows = 2 + self.random.below(20);
                self.insert(rows)
            }
            // The pause lets sessions overlap where a lock would not.
            8..10 => format!("BEGIN; {}; SELECT pg_sleep(0.002); COMMIT", self.insert(1)),
            10 => format!(
                "BEGIN; SAVEPOINT s; {}; ROLLBACK TO SAVEPOINT s; {}; COMMIT",
                self.insert(1),
                self.insert(1)
            ),
            11..13 => {
                let (level, user) = (self.random.below(100), self.user());
                format!(
                    "UPDATE contacts SET properties = properties || '{{\"level\": {level}}}' WHERE user_id = '{user}'"
                )
            }
            13..15 => {
                let (user, event) = self.event();
                let key = self.random.below(1_000_000);
                format!(
                    "SELECT hogsend_ingest('{user}', '{event}', idempotency_key => 'key {key}')"
                )
            }
            15 => {
                format!(
                    "BEGIN; SET LOCAL hogsend.evaluate = off; {}; COMMIT",
                    self.insert(3)
                )
            }
            _ => self.question(),
        }
    }

    fn insert(&mut self, rows: usize) -> String {
        let rows: Vec<String> = (0..rows)
            .map(|_| {
                let (user, event) = self.event();
                let patch = if event == "move" {
                    format!("'{{\"room\": {}}}'", self.random.below(4))
                } else {
                    "NULL".to_string()
                };
                format!("('{user}', '{event}', {patch})")
            })
            .collect();
        format!(
            "INSERT INTO user_events (user_id, event, contact_properties) VALUES {}",
            rows.join(", ")
        )
    }

    fn event(&mut self) -> (String, &'static str) {
        match self.random.below(8) {
            0..2 => (self.user(), "move"),
            2 => (self.user(), "seen"),
            3..6 => (self.user(), "buy"),
            _ => {
                let turn = self.began.elapsed().as_millis() / TURN_MILLIS;
                (format!("turn {turn:06}"), "buy")
            }
        }
    }

    fn question(&mut self) -> String {
        let bucket = self
            .random
            .pick(&["room-1", "lately", "loyal", "lapsed", "level"]);
        let user = self.user();
        match self.random.below(8) {
            0..3 => format!("SELECT hogsend_has('{bucket}', '{user}')"),
            3..5 => format!("SELECT * FROM hogsend_explain('{bucket}', '{user}')"),
            5 => format!("SELECT hogsend_matches('{bucket}', '{user}', now() + interval '1 day')"),
            6 => format!("SELECT * FROM hogsend_members('{bucket}', 20, after => '{user}')"),
            _ => format!("SELECT hogsend_count('{bucket}')"),
        }
    }

    fn user(&mut self) -> String {
        format!("user {:04}", self.random.below(USERS))
    }
}
