//! What is stored against what the model says.

use crate::database::{LATER, Stored};
use crate::model::{Contact, Model, Transition};
use crate::totals;
use hogsend_model::Properties;
use std::collections::{BTreeMap, BTreeSet};

/// Every difference, in words; none when the two agree.
pub fn differences(stored: &Stored, model: &Model) -> Vec<String> {
    let mut found = Vec::new();
    rows("stay", &stored.stays, 3, &stays(model), &mut found);
    outbox(&stored.outbox, &model.outbox, &mut found);
    told(stored, &mut found);
    rows("event", &stored.events, 4, &events(model), &mut found);
    // Whether an equal number is written once more is nobody's concern.
    let mut there = stored.contacts.clone();
    there
        .iter_mut()
        .flatten()
        .for_each(|field| *field = field.replace("1.0", "1"));
    rows("contact", &there, 1, &contacts(model), &mut found);
    let done = model.done.map(|number| number.to_string()).join(",");
    let done = vec![format!("{{{done}}}")];
    rows("done by reconcile", &stored.done, 0, &[done], &mut found);
    for truth in &stored.truths {
        let (bucket, user) = (&truth[0], &truth[1]);
        let expected = [model.now, model.now + LATER].map(|at| model.will_match(bucket, user, at));
        let expected = expected.map(|is| if is { "t" } else { "f" });
        if truth[2..] != expected {
            found.push(format!("hogsend_matches: {truth:?}, expected {expected:?}"));
        }
    }
    totals::compare(&stored.totals, model, &mut found);
    for fault in &stored.faults {
        found.push(format!("hogsend_verify: {}", fault.join(", ")));
    }
    found
}

type Row = Vec<String>;

fn stays(model: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    for ((user, bucket), stays) in &model.stays {
        for stay in stays {
            let status = if stay.is_active() { "active" } else { "left" };
            rows.push(vec![
                user.clone(),
                bucket.clone(),
                stay.entry_count.to_string(),
                status.into(),
                stay.entered_at.to_string(),
                or_dash(stay.left_at),
                or_dash(stay.left_reason),
                stay.source.unwrap_or(ANYTHING).into(),
                or_dash(stay.max_dwell_at),
                or_dash(stay.dwell_anchor_at),
                said(stay.announced),
                if stay.is_active() {
                    "-".into()
                } else {
                    said(stay.left_announced)
                },
            ]);
        }
    }
    rows
}

fn events(model: &Model) -> Vec<Row> {
    let mut numbers: BTreeMap<Row, usize> = BTreeMap::new();
    for event in &model.events {
        let key = vec![
            event.user.into(),
            event.event.into(),
            event.occurred_at.to_string(),
            or_dash(event.key),
        ];
        *numbers.entry(key).or_default() += 1;
    }
    let row = |(mut key, number): (Row, usize)| {
        key.push(number.to_string());
        key
    };
    numbers.into_iter().map(row).collect()
}

fn contacts(model: &Model) -> Vec<Row> {
    let row = |(user, contact): (&String, &Contact)| {
        vec![
            user.clone(),
            or_dash(contact.email.clone()),
            as_jsonb(&contact.properties),
            if contact.deleted { "t" } else { "f" }.into(),
        ]
    };
    model.contacts.iter().map(row).collect()
}

/// An object as Postgres prints it: shorter keys first, then by bytes; all here have one letter.
fn as_jsonb(properties: &Properties) -> String {
    let members: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!(r#""{name}": {}"#, value.json()))
        .collect();
    format!("{{{}}}", members.join(", ")).replace("1.0", "1")
}

/// What the model says where it leaves something open.
const ANYTHING: &str = "?";

fn admits(expected: &Row, stored: &Row) -> bool {
    let mut fields = expected.iter().zip(stored);
    fields.all(|(expected, stored)| expected == stored || expected == ANYTHING)
}

/// Compares rows by their first `key` columns.
fn rows(what: &str, stored: &[Row], key: usize, wanted: &[Row], found: &mut Vec<String>) {
    let by_key = |rows: &[Row]| -> BTreeMap<Row, Row> {
        rows.iter()
            .map(|row| (row[..key].to_vec(), row[key..].to_vec()))
            .collect()
    };
    let (there, here) = (by_key(stored), by_key(wanted));
    for (key, row) in &there {
        match here.get(key) {
            None => found.push(format!("{what} {key:?}: unexpected: {}", row.join(", "))),
            Some(expected) if !admits(expected, row) => found.push(format!(
                "{what} {key:?}:\n    stored:   {}\n    expected: {}",
                row.join(", "),
                expected.join(", ")
            )),
            Some(_) => {}
        }
    }
    for (key, row) in here.iter().filter(|(key, _)| !there.contains_key(*key)) {
        found.push(format!("{what} {key:?}: missing: {}", row.join(", ")));
    }
}

/// Places in a row of the outbox.
const SOURCE: usize = 5;
const EFFECTIVE: usize = 9;

/// A transition is known by its key, which no two have. Where the model leaves something open,
/// anything is right.
fn outbox(stored: &[Row], wanted: &[Transition], found: &mut Vec<String>) {
    let mut wanted: BTreeMap<String, &Transition> =
        wanted.iter().map(|t| (idempotency_key(t), t)).collect();
    for row in stored {
        let key = &row[0];
        let Some(transition) = wanted.remove(key) else {
            found.push(format!(
                "outbox {key}: unexpected or twice: {}",
                row.join(", ")
            ));
            continue;
        };
        let mut expected = as_row(key, transition);
        if transition.source.is_none() {
            expected[SOURCE] = row[SOURCE].clone();
        }
        let is_dated = row[EFFECTIVE]
            .parse()
            .is_ok_and(|at| transition.effective_at.admits(at));
        if is_dated {
            expected[EFFECTIVE] = row[EFFECTIVE].clone();
        }
        if expected != *row {
            found.push(format!(
                "outbox {key}:\n    stored:   {}\n    expected: {}",
                row[1..].join(", "),
                expected[1..].join(", ")
            ));
        }
    }
    for (key, transition) in wanted.into_iter().filter(|(_, t)| t.certain) {
        let row = as_row(&key, transition);
        found.push(format!("outbox {key}: missing: {}", row[1..].join(", ")));
    }
}

fn as_row(key: &str, t: &Transition) -> Row {
    let event = match &t.dwell {
        Some((label, _)) => format!("bucket:dwell:{}:{label}", t.bucket),
        None => format!("bucket:{}:{}", t.transition, t.bucket),
    };
    vec![
        key.to_owned(),
        event,
        t.transition.into(),
        t.entry_count.to_string(),
        or_dash(t.reason),
        or_dash(t.source),
        or_dash(t.dwell.as_ref().map(|(label, _)| label)),
        or_dash(t.dwell.as_ref().map(|(_, ordinal)| ordinal)),
        t.recorded_at.to_string(),
        format!("{:?}", t.effective_at),
        t.bucket.clone(),
        t.user.clone(),
    ]
}

fn idempotency_key(t: &Transition) -> String {
    let start = format!(
        "bucket:{}:{}:{}:{}",
        t.bucket, t.user, t.transition, t.entry_count
    );
    let key = match &t.dwell {
        Some((label, ordinal)) => format!("{start}:{label}:{ordinal}"),
        None => start,
    };
    match t.erased {
        0 => key,
        n => format!("{key}:life-{}", n + 1),
    }
}

/// Whether something was announced.
fn said(announced: Option<bool>) -> String {
    match announced {
        Some(true) => "t".into(),
        Some(false) => "f".into(),
        None => ANYTHING.into(),
    }
}

/// A stay says of itself whether its beginning and its end were announced: the outbox must have both, or not.
fn told(stored: &Stored, found: &mut Vec<String>) {
    let mut outbox: BTreeSet<[&str; 4]> = BTreeSet::new();
    for row in &stored.outbox {
        outbox.insert([&row[11], &row[10], &row[3], &row[2]]);
    }
    for stay in &stored.stays {
        for (transition, said) in [("entered", &stay[10]), ("left", &stay[11])] {
            let is_told = outbox.contains(&[&stay[0], &stay[1], &stay[2], transition]);
            if is_told != (said == "t") {
                found.push(format!(
                    "stay {:?}: {transition} said to be announced: {said}, in the outbox: {is_told}",
                    &stay[..3]
                ));
            }
        }
    }
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".into(), |value| value.to_string())
}
