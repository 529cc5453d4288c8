//! Three ways to the same members: every statement evaluated as it comes, everything put off until
//! one reconcile, and buckets that are defined when all has happened.

use anyhow::{Result, bail};
use hogsend_differential::database::Database;
use hogsend_differential::generate::{RICH, WORLD, definitions_and_data};
use hogsend_differential::history::sql::script;
use hogsend_differential::history::{Evaluate, Statement, Step};
use hogsend_differential::model::Model;
use hogsend_differential::play::advance;
use hogsend_differential::run::{cluster, seeds};
use hogsend_model::World;
use std::collections::BTreeSet;

const HISTORIES: u64 = 200;

fn reconcile() -> Step {
    Step::Alone(Statement::Reconcile)
}

/// Statements evaluated as they come, the clock in between.
fn at_once(definitions: &[Step], data: &[Step]) -> Vec<Step> {
    let mut steps = definitions.to_vec();
    for step in data {
        steps.extend([step.clone(), reconcile()]);
    }
    steps
}

/// Everything put off.
fn put_off(definitions: &[Step], data: &[Step]) -> Vec<Step> {
    let evaluate = |evaluate| Step::Alone(Statement::Evaluate(evaluate));
    [
        definitions,
        &[evaluate(Evaluate::Off)],
        data,
        &[evaluate(Evaluate::On), reconcile()],
    ]
    .concat()
}

/// Nothing is defined until the end.
fn afterwards(definitions: &[Step], data: &[Step]) -> Vec<Step> {
    [data, definitions].concat()
}

fn members(database: &mut Database, steps: &[Step]) -> Result<BTreeSet<(String, String)>> {
    database.clean()?;
    for step in steps {
        // What is refused is refused in every way, and the model says the same.
        let _ = database.play(step)?;
    }
    Ok(database.members()?.into_iter().collect())
}

#[test]
fn three_ways_lead_to_the_same_members() -> Result<()> {
    must_lead_to_the_same("ways", &WORLD)
}

#[test]
fn three_ways_lead_to_the_same_members_where_events_differ() -> Result<()> {
    must_lead_to_the_same("rich_ways", &RICH)
}

fn must_lead_to_the_same(name: &str, world: &'static World) -> Result<()> {
    let mut database = Database::create(cluster(), name)?;
    let mut members_found = 0;
    for seed in seeds(HISTORIES) {
        let (definitions, data) = definitions_and_data(seed, world);
        let mut model = Model::at_start();
        for step in definitions.iter().chain(&data) {
            let _ = advance(&mut model, step);
        }
        let expected = model.matching();
        members_found += expected.len();
        for way in [at_once, put_off, afterwards] {
            let steps = way(&definitions, &data);
            let found = members(&mut database, &steps)?;
            if found != expected {
                bail!(
                    "SEED={seed}:\n{}\nmembers:  {found:?}\nexpected: {expected:?}",
                    script(&steps)
                );
            }
        }
    }
    assert!(members_found > 0, "nobody was a member of anything");
    Ok(())
}
