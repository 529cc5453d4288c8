//! Plans hold: a statement of ours touches rows in proportion to those that it is about, however many
//! there are, also where its plan was made by statistics that were taken while the tables were empty.
//!
//! Every statement in the sources must come up here, and every function of ours that is written in
//! SQL, so that a new one cannot escape it: whoever adds one adds a step that needs it.

#[path = "plans/about.rs"]
mod about;
#[path = "plans/stage.rs"]
mod stage;
#[path = "plans/steps.rs"]
mod steps;

use about::faults;
use anyhow::{Result, ensure};
use hogsend_client_tests::plans::{self, EXPLAIN_ALL, Touched};
use hogsend_client_tests::with_extension;
use hogsend_harness::{Cluster, Options, TestDatabase};
use postgres::Client;
use stage::{DEFINITIONS, FILL};
use std::collections::{BTreeMap, BTreeSet};
use steps::{Step, steps};

fn options() -> Options {
    Options::default().set("autovacuum", "off")
}

/// A statement that a step came to.
struct Ran {
    about: u64,
    step: String,
    touched: Touched,
}

/// Runs the steps; for each the statements that it came to.
fn run(database: &TestDatabase, client: &mut Client, steps: &[Step]) -> Result<Vec<Ran>> {
    let mut all = Vec::new();
    for step in steps {
        let start = database.cluster.log_length();
        client.batch_execute(&step.sql)?;
        let log = database.cluster.log_since(start);
        let touched = plans::of_log(&log)?.into_iter();
        all.extend(touched.map(|touched| Ran {
            about: step.about,
            step: step.sql.clone(),
            touched,
        }));
    }
    Ok(all)
}

fn filled(cluster: &'static Cluster, name: &str) -> Result<(TestDatabase<'static>, Client)> {
    let database = with_extension(cluster, name)?;
    let mut client = database.connect()?;
    client.batch_execute("ANALYZE")?;
    client.batch_execute(&format!(
        "{EXPLAIN_ALL} SET hogsend.test_places = on; SET client_min_messages = error"
    ))?;
    client.batch_execute(DEFINITIONS)?;
    Ok((database, client))
}

#[test]
fn plans_hold() -> Result<()> {
    let cluster = hogsend_client_tests::cluster(options);
    let (database, mut client) = filled(cluster, "plans")?;
    let names = plans::written()?;
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut problems = Vec::new();
    client.batch_execute("SET hogsend.test_empty = on")?;
    // Plans are made and kept while there is next to nothing.
    for direct in [true, false] {
        run(
            &database,
            &mut client,
            &steps(if direct { "a" } else { "b" }, direct),
        )?;
    }
    client.batch_execute("RESET hogsend.test_no_direct")?;
    database.connect()?.batch_execute(FILL)?;
    for (session, prefix) in [("kept", "g"), ("new", "v")] {
        for direct in [true, false] {
            if session == "new" {
                client = database.connect()?;
                client.batch_execute(&format!(
                    "{EXPLAIN_ALL} SET hogsend.test_places = on; SET client_min_messages = error"
                ))?;
            }
            let prefix = format!("{prefix}{}", u8::from(direct));
            let mut some = steps(&prefix, direct);
            if session == "new" && !direct {
                some.extend(steps::last());
            }
            let all = run(&database, &mut client, &some)?;
            for Ran { touched, .. } in &all {
                if let Some(place) = plans::place_of(&touched.text) {
                    seen.entry(place.to_owned())
                        .or_default()
                        .insert(touched.text.clone());
                }
            }
            let faults = faults(&all, &names).into_iter();
            problems
                .extend(faults.map(|fault| format!("{session} plan, direct {direct}: {fault}")));
            client.batch_execute("RESET hogsend.test_no_direct")?;
        }
    }
    for (place, (name, ways)) in &names {
        let seen = seen.get(place).map_or(0, BTreeSet::len);
        if seen < *ways {
            problems.push(format!(
                "{name} ({place}) came up in {seen} of {ways} ways: add a step that needs it"
            ));
        }
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}
