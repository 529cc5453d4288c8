//! Definitions of journeys.

use hogsend_core::run::Policy;
use hogsend_core::time::Span;

use super::definitions::entry_limit;
use crate::pg::sql::{Rows, Session, Statement};
use crate::registry::journeys::{Journey, Journeys, Roles};

/// A row a name that a journey mentions, and what it is to the journey.
static LOAD: Statement = Statement::new(
    "SELECT j.id, j.enabled, j.entry_limit, (extract(epoch FROM j.entry_period) * 1000000)::bigint, m.role, m.name
     FROM {s}.journeys j
     LEFT JOIN LATERAL (
         SELECT 'start' AS role, u AS name FROM unnest(j.starts_on) u UNION ALL
         SELECT 'exit', u FROM unnest(j.exits_on) u UNION ALL
         SELECT 'wait', u FROM unnest(j.waits_for) u) m ON true
     ORDER BY j.id",
    &[],
);

/// Puts all journeys into an empty list of them.
pub fn load(session: &Session, mut journeys: Journeys) -> Journeys {
    let rows = session.execute(&LOAD, &[]);
    let mut last = None;
    for row in 0..rows.len() {
        let Some(id) = rows.text(row, 1) else {
            continue;
        };
        let number = match last {
            Some((of, number)) if of == id => number,
            _ => journeys.add(journey(&rows, row, id)),
        };
        last = Some((id, number));
        let roles = match rows.text(row, 5) {
            Some("start") => Roles {
                starts: true,
                ..Roles::default()
            },
            Some("exit") => Roles {
                exits: true,
                ..Roles::default()
            },
            Some("wait") => Roles {
                is_awaited: true,
                ..Roles::default()
            },
            _ => continue,
        };
        if let Some(name) = rows.text(row, 6) {
            journeys.mention(number, name, roles);
        }
    }
    journeys
}

fn journey(rows: &Rows, row: usize, id: &str) -> Journey {
    Journey {
        id: id.to_owned(),
        policy: Policy {
            enabled: rows.bool(row, 2).unwrap_or(false),
            entry_limit: entry_limit(rows.text(row, 3), rows.bigint(row, 4).map(Span)),
        },
    }
}
