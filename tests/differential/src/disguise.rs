//! The same history under other ids: whatever comes in under an alias is the user's, so that the model need
//! not know of it.

use crate::generate::USERS;
use crate::history::{Event, Statement};
use hogsend_model::Random;

/// In the order of the users.
const ALIASES: [&str; 4] = ["visitor of u1", "0", "Ü 'm", "u"];

/// Pairs that nobody has to find strays of.
pub const PAIRS: &str = "INSERT INTO user_aliases (alias, user_id, open_until) VALUES
    ('visitor of u1', 'u1', NULL), ('0', 'u2', NULL), ('Ü ''m', 'Ü ''n', NULL), ('u', '%4', NULL)
    ON CONFLICT DO NOTHING";

/// What may be said of aliases with the same effect. An idempotency key that is repeated is refused where the
/// user says it and passed over where an alias does; and what is reserved is stored as it comes.
pub fn disguised(statement: &Statement, random: &mut Random) -> Statement {
    let mut other = |user: &'static str| match USERS.iter().position(|u| *u == user) {
        Some(place) if random.one_in(2) => ALIASES[place],
        _ => user,
    };
    let mut event = |event: &Event| Event {
        user: match event.key {
            None if !event.event.starts_with("bucket:") => other(event.user),
            _ => event.user,
        },
        ..event.clone()
    };
    match statement {
        Statement::Insert { form, events } => Statement::Insert {
            form: *form,
            events: events.iter().map(event).collect(),
        },
        Statement::Ingest(stored) => Statement::Ingest(event(stored)),
        Statement::Manual {
            bucket,
            users,
            into,
            silent,
        } => Statement::Manual {
            bucket,
            users: users.iter().map(|user| other(user)).collect(),
            into: *into,
            silent: *silent,
        },
        other => other.clone(),
    }
}
