//! Every example of doc/criteria.md is true: the builder returns the JSON beside it, and the people who are said to be in
//! the bucket are in it, then and later, in whatever order everything came about and however it is read.

use anyhow::{Context, Result, ensure};
use hogsend_client_tests::{cluster, reconcile, with_extension};
use hogsend_harness::Options;
use postgres::Client;

const PAGE: &str = include_str!("../../../doc/criteria.md");
/// Noon, as everywhere on the page.
const NOON: &str = "12:00+00";
const TODAY: &str = "2026-07-01";

/// A bucket on the page.
struct Example {
    definition: String,
    json: String,
    /// On which days who is in it, in order.
    members: Vec<(String, String)>,
}

/// What stands in code on the page: what is written behind the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, &str, &str)> {
    let mut parts = page.split("```");
    parts.next();
    let mut blocks = Vec::new();
    while let (Some(code), Some(after)) = (parts.next(), parts.next()) {
        let (fence, text) = code.split_once('\n').unwrap_or((code, ""));
        blocks.push((fence, text.trim(), after));
    }
    blocks
}

fn people() -> &'static str {
    let found = blocks(PAGE)
        .into_iter()
        .find(|block| block.0 == "sql people");
    found.map_or("", |block| block.1)
}

fn examples() -> Result<Vec<Example>> {
    let blocks = blocks(PAGE);
    let mut examples = Vec::new();
    for (index, (fence, definition, _)) in blocks.iter().enumerate() {
        if *fence != "sql" {
            continue;
        }
        let (fence, json, after) = blocks.get(index + 1).context("SQL without JSON")?;
        ensure!(*fence == "json", "no JSON after {definition}");
        let said = after.trim_start().lines().next().unwrap_or_default();
        examples.push(Example {
            definition: (*definition).into(),
            json: (*json).into(),
            members: members_said(said).with_context(|| format!("{definition}: {said}"))?,
        });
    }
    Ok(examples)
}

/// "In it: ada, ben; on 2026-07-06: ada."
fn members_said(line: &str) -> Result<Vec<(String, String)>> {
    let line = line
        .strip_prefix("In it: ")
        .and_then(|line| line.strip_suffix('.'));
    let line = line.context("it is not said who is in it")?;
    line.split("; ")
        .enumerate()
        .map(|(index, part)| {
            let (day, names) = match index {
                0 => (TODAY, part),
                _ => part
                    .strip_prefix("on ")
                    .and_then(|part| part.split_once(": "))
                    .context("not a day")?,
            };
            let names = if names == "nobody" { "" } else { names };
            Ok((day.into(), names.into()))
        })
        .collect()
}

fn go_to(client: &mut Client, day: &str) -> Result<()> {
    Ok(client.batch_execute(&format!("SET LOCAL hogsend.now = '{day} {NOON}'"))?)
}

fn members(client: &mut Client) -> Result<String> {
    let row = client.query_one(
        "SELECT coalesce(string_agg(user_id, ', ' ORDER BY user_id), '') FROM bucket_members",
        &[],
    )?;
    Ok(row.get(0))
}

/// What comes before what.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// The bucket is defined over what there is.
    Defined,
    /// Everything happens in one statement to people who are new.
    Happened,
    /// Each event in a statement of its own, the latest first; then each contact gets its properties.
    Backwards,
}

/// Keeps what happened, and takes it back.
const UNDO: &str = "
    CREATE TEMPORARY TABLE happened ON COMMIT DROP AS TABLE user_events;
    CREATE TEMPORARY TABLE known ON COMMIT DROP AS TABLE contacts;
    DELETE FROM user_events;
    UPDATE contacts SET properties = '{}'";

const BACKWARDS: &str = "
    DO $$
    DECLARE
        e record;
    BEGIN
        FOR e IN SELECT * FROM happened ORDER BY occurred_at DESC LOOP
            INSERT INTO user_events (user_id, event, value, source, properties, occurred_at)
            VALUES (e.user_id, e.event, e.value, e.source, e.properties, e.occurred_at);
        END LOOP;
        FOR e IN SELECT * FROM known LOOP
            UPDATE contacts SET properties = e.properties WHERE user_id = e.user_id;
        END LOOP;
    END $$";

fn come_about(client: &mut Client, example: &Example, order: Order) -> Result<()> {
    let definition = example.definition.as_str();
    let steps = match order {
        Order::Defined => vec![people(), definition],
        Order::Happened => vec![definition, people()],
        Order::Backwards => vec![people(), UNDO, definition, BACKWARDS],
    };
    for step in steps {
        client.batch_execute(step)?;
    }
    Ok(())
}

/// Goes through the days that the page names.
fn is_true(client: &mut Client, example: &Example, order: Order) -> Result<()> {
    for (day, names) in &example.members {
        go_to(client, day)?;
        if day == TODAY {
            come_about(client, example, order)?;
        }
        reconcile(client)?;
        let found = members(client)?;
        ensure!(found == *names, "on {day} there are \"{found}\" in it");
        let wrong = client.query(
            "SELECT v.user_id FROM buckets b, hogsend_verify(b.id) v",
            &[],
        )?;
        ensure!(wrong.is_empty(), "on {day} verification finds differences");
    }
    let said = client.query(
        "SELECT hogsend_define_bucket(b.id, $1::text::jsonb) FROM buckets b",
        &[&example.json],
    )?;
    let said: Vec<&str> = said.iter().map(|row| row.get(0)).collect();
    ensure!(
        said == ["unchanged"],
        "the JSON is not what the builder returns: {said:?}"
    );
    Ok(())
}

#[test]
fn every_example_is_true() -> Result<()> {
    let database = with_extension(cluster(Options::default), "language_examples")?;
    let mut client = database.connect()?;
    client.batch_execute("SET client_min_messages = warning; SET timezone = 'Asia/Tokyo'")?;
    let mut wrong = Vec::new();
    let examples = examples()?;
    for example in &examples {
        for (order, in_sql) in [
            (Order::Defined, false),
            (Order::Happened, false),
            (Order::Backwards, false),
            (Order::Defined, true),
            (Order::Backwards, true),
        ] {
            client.batch_execute(&format!(
                "BEGIN; SET LOCAL hogsend.test_no_direct = {in_sql}"
            ))?;
            let result = is_true(&mut client, example, order);
            client.batch_execute("ROLLBACK")?;
            if let Err(error) = result {
                wrong.push(format!(
                    "{}\n  ({order:?}, in SQL: {in_sql}) {error:#}",
                    example.definition
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} examples, each in five ways:\n{}",
        wrong.len(),
        examples.len(),
        wrong.join("\n")
    );
    assert!(
        examples.len() > 25,
        "only {} examples were found",
        examples.len()
    );
    Ok(())
}

/// What the parser would accept is on the page: it lists its words when it refuses one.
#[test]
fn no_word_is_missing() -> Result<()> {
    let database = with_extension(cluster(Options::default), "language_words")?;
    let mut client = database.connect()?;
    for (document, at_least) in [
        (
            r#"{"type": "property", "property": "p", "operator": "?"}"#,
            10,
        ),
        (r#"{"type": "event", "eventName": "e", "check": "?"}"#, 3),
        (
            r#"{"type": "event", "eventName": "e", "check": "count", "operator": "?", "value": 1}"#,
            5,
        ),
        (r#"{"type": "?"}"#, 5),
    ] {
        let row = client.query_one(
            "SELECT string_agg(hint, ' ') FROM hogsend_validate($1::text::jsonb)",
            &[&document],
        )?;
        let hint: String = row.get(0);
        let words: Vec<&str> = hint.split('"').skip(1).step_by(2).collect();
        assert!(words.len() >= at_least, "{document}: {hint}");
        for word in words {
            let written =
                PAGE.contains(&format!("`{word}`")) || PAGE.contains(&format!("\"{word}\""));
            assert!(written, "{word} is not on the page: {hint}");
        }
    }
    Ok(())
}
