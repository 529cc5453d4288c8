//! Users who open the application and then do not, order, and unsubscribe.

use super::Stand;
use crate::ledger::{Known, Mark};
use anyhow::Result;
use hogsend_client_tests::errors::is_conflict;
use hogsend_client_tests::stage::Phase;
use hogsend_model::Random;
use std::thread;
use std::time::Duration;

const PAUSE_MICROS: usize = 12_000;

pub fn write(stand: &Stand, number: usize) -> Result<()> {
    let mut random = Random::new(500 + number as u64);
    // Everybody opens it once.
    let mut to_open: Vec<usize> = (number..stand.world.users)
        .step_by(super::WRITERS)
        .collect();
    stand.world.stage.persist(Phase::Settling, || {
        let mut client = stand.world.database.connect()?;
        while stand.world.stage.is_before(Phase::Settling) {
            let user = |n: usize| format!("user {n:04}");
            let any = |random: &mut Random| user(random.below(stand.world.users));
            let rows: Vec<(String, &str)> = match random.below(8) {
                0..=3 if !to_open.is_empty() => {
                    let from = to_open.len().saturating_sub(1 + random.below(8));
                    to_open.drain(from..).map(|n| (user(n), "open")).collect()
                }
                4 => vec![(any(&mut random), "unsubscribed")],
                5 => vec![(any(&mut random), "open")],
                // Of some users several in one statement.
                _ => (0..1 + random.below(4))
                    .map(|_| (any(&mut random), "order"))
                    .collect(),
            };
            let mark = stand.ledger.begin(Mark::Events(rows.len() as i64));
            let values: Vec<String> = rows
                .iter()
                .map(|(user, event)| format!("('{user}', '{event}', '{mark}')"))
                .collect();
            let insert = format!(
                "INSERT INTO user_events (user_id, event, source) VALUES {}",
                values.join(", ")
            );
            match client.batch_execute(&insert) {
                Ok(()) => stand.ledger.note(mark, Known::Stored),
                Err(error) if is_conflict(&error) => stand.ledger.note(mark, Known::Refused),
                Err(error) => return Err(error.into()),
            }
            thread::sleep(Duration::from_micros(random.below(PAUSE_MICROS) as u64));
        }
        Ok(())
    })
}
