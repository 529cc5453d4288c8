//! A history in the database and in the model, side by side; and the shortest that fails.

use crate::compare::differences;
use crate::database::Database;
use crate::history::{Part, Step};
use crate::model::{Model, Refused};
use anyhow::Result;

/// What became of a history.
pub enum Played {
    /// The extension and the model agreed after every step. The model is as it was in the end.
    Agreed(Box<Model>),
    Parted(Failure),
}

/// Where the two parted.
pub struct Failure {
    /// How many steps were done by then.
    pub steps: usize,
    pub differences: Vec<String>,
}

/// Plays a history up to where the extension and the model part.
pub fn play(database: &mut Database, steps: &[Step]) -> Result<Played> {
    database.clean()?;
    let mut model = Model::at_start();
    for (place, step) in steps.iter().enumerate() {
        let expected = advance(&mut model, step);
        let fail = |differences| {
            Ok(Played::Parted(Failure {
                steps: place + 1,
                differences,
            }))
        };
        let result = match database.play(step) {
            Ok(result) => result,
            Err(error) => {
                database.run("ROLLBACK")?;
                return fail(vec![format!("an error: {error:#}")]);
            }
        };
        if result != expected {
            return fail(vec![format!(
                "the server: {result:?}, the model: {expected:?}"
            )]);
        }
        let differences = differences(&database.stored()?, &model);
        if !differences.is_empty() {
            return fail(differences);
        }
    }
    Ok(Played::Agreed(Box::new(model)))
}

/// Does one step in the model; what is refused undoes the whole of it.
pub fn advance(model: &mut Model, step: &Step) -> Result<(), Refused> {
    let before = model.clone();
    let result = match step {
        Step::Alone(statement) => model.apply(statement),
        Step::Transaction { parts, .. } => parts.iter().try_for_each(|part| act(model, part)),
    };
    let is_kept = !matches!(step, Step::Transaction { commit: false, .. });
    if result.is_err() || !is_kept {
        *model = before;
    }
    result
}

fn act(model: &mut Model, part: &Part) -> Result<(), Refused> {
    match part {
        Part::Plain(statement) => model.apply(statement),
        Part::Savepoint {
            statements,
            release,
        } => {
            let before = model.clone();
            statements.iter().try_for_each(|s| model.apply(s))?;
            if !release {
                *model = before;
            }
            Ok(())
        }
    }
}

/// Leaves out of a history that fails whatever it fails without.
pub fn shrink(
    database: &mut Database,
    steps: Vec<Step>,
    failure: Failure,
) -> Result<(Vec<Step>, Failure)> {
    let mut steps = steps;
    let mut failure = failure;
    steps.truncate(failure.steps);
    'again: loop {
        for candidate in smaller(&steps) {
            if let Played::Parted(found) = play(database, &candidate)? {
                steps = candidate;
                steps.truncate(found.steps);
                failure = found;
                continue 'again;
            }
        }
        return Ok((steps, failure));
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
