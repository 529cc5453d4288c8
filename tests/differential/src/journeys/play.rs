//! A history in the database and in the model, side by side; and the shortest that fails.

use super::compare::differences;
use super::generate::history;
use super::history::Step;
use super::model::Model;
use super::sql::{self, script};
use crate::database::Database;
use crate::instant::{START, text};
use crate::run::{Account, Once, play_each};
use anyhow::Result;
use std::ops::Range;

/// Plays the histories of `seeds`; `breach` is run in every database before.
pub fn play_all(name: &str, seeds: Range<u64>, breach: &str) -> Result<Account> {
    let prepare = |database: &mut Database| {
        database.run(&sql::prepare())?;
        database.run(breach)
    };
    play_each(name, seeds, prepare, |database, seed| {
        let steps = history(seed);
        Ok(match play(database, &steps)? {
            Played::Agreed(model) => {
                let seen = model.seen.iter().map(|kind| (*kind).to_owned());
                Once::Agreed(seen.collect())
            }
            Played::Parted(done, found) => {
                let (steps, found) = shrink(database, steps, done, found)?;
                Once::Parted(format!("{}\n{}", script(&steps), found.join("\n")))
            }
        })
    })
}

/// What became of a history: how many steps were done by the time the two parted, and how they differ.
enum Played {
    Agreed(Box<Model>),
    Parted(usize, Vec<String>),
}

fn play(database: &mut Database, steps: &[Step]) -> Result<Played> {
    database.run(sql::CLEAN)?;
    database.run(&format!("SET hogsend.now = '{}'", text(START)))?;
    let mut model = Model::at_start();
    for (place, step) in steps.iter().enumerate() {
        model.advance(step);
        let found = match act(database, step) {
            Ok(()) => differences(database, &model)?,
            Err(error) => {
                database.run("ROLLBACK")?;
                vec![format!("an error: {error:?}")]
            }
        };
        if !found.is_empty() {
            return Ok(Played::Parted(place + 1, found));
        }
    }
    Ok(Played::Agreed(Box::new(model)))
}

fn act(database: &mut Database, step: &Step) -> Result<()> {
    match step {
        Step::Alone(statement) => database.run(&statement.sql()),
        Step::Transaction { statements, commit } => {
            database.run("BEGIN")?;
            for (statement, is_undone) in statements {
                if *is_undone {
                    database.run("SAVEPOINT s")?;
                }
                database.run(&statement.sql())?;
                if *is_undone {
                    database.run("ROLLBACK TO s")?;
                }
            }
            database.run(if *commit { "COMMIT" } else { "ROLLBACK" })
        }
    }
}

/// Leaves out of a history that fails whatever it fails without.
fn shrink(
    database: &mut Database,
    mut steps: Vec<Step>,
    done: usize,
    mut found: Vec<String>,
) -> Result<(Vec<Step>, Vec<String>)> {
    steps.truncate(done);
    'again: loop {
        for candidate in smaller(&steps) {
            if let Played::Parted(done, differences) = play(database, &candidate)? {
                steps = candidate;
                steps.truncate(done);
                found = differences;
                continue 'again;
            }
        }
        return Ok((steps, found));
    }
}

/// Every history with one thing less.
fn smaller(steps: &[Step]) -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    for place in (0..steps.len()).rev() {
        let mut fewer = steps.to_vec();
        fewer.remove(place);
        all.push(fewer);
    }
    for (place, step) in steps.iter().enumerate() {
        for smaller in step.smaller() {
            let mut steps = steps.to_vec();
            steps[place] = smaller;
            all.push(steps);
        }
    }
    all
}
