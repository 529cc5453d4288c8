//! What is stored of runs and steps against what the model says.

use super::model::Model;
use crate::database::Database;
use crate::instant::EPOCH;
use anyhow::Result;
use hogsend_model::diary::Line;
use std::collections::{BTreeMap, BTreeSet};

type Row = Vec<String>;

fn at(column: &str) -> String {
    format!("(extract(epoch FROM {column} - timestamptz '{EPOCH}') * 1000000)::bigint")
}

/// Every difference, in words; none when the two agree.
pub fn differences(database: &mut Database, model: &Model) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let stored = database.rows(&format!(
        "SELECT r.user_id, r.journey_id, r.entry_count, r.status, r.step, r.label, {started}, {since}, {until}, r.wait_event,
                {ended}, r.reason, r.error, r.state->>'n',
                (SELECT string_agg(format('<%s> %s %s %s %s', l.key, l.value->>'reached', coalesce(l.value->>'timedOut', '0'),
                                          coalesce(l.value->>'exited', '0'), round((l.value->>'seconds')::numeric * 1000000)), ', '
                                   ORDER BY l.key COLLATE \"C\") FROM jsonb_each(r.labels) l)
         FROM journey_runs r",
        started = at("r.started_at"),
        since = at("r.since"),
        until = at("r.wait_until"),
        ended = at("r.ended_at"),
    ))?;
    rows("run", stored, runs(model), &[], &mut found);
    let stored = database.rows(&format!(
        "SELECT t.user_id, t.journey_id, t.entry_count, split_part(t.idempotency_key, ':', -1), t.transition, t.reason, t.source, t.label,
                t.timed_out, {recorded}, coalesce(t.event_properties->>'n', 'stay ' || (t.event_properties->>'entryCount')), {effective}
         FROM bucket_transitions t WHERE t.journey_id IS NOT NULL AND t.idempotency_key !~ ':life-[0-9]+$'
         UNION ALL
         SELECT t.user_id, t.journey_id, t.entry_count, split_part(t.idempotency_key, ':', -2), t.transition, t.reason, t.source, t.label,
                t.timed_out, {recorded}, coalesce(t.event_properties->>'n', 'stay ' || (t.event_properties->>'entryCount')), {effective}
         FROM bucket_transitions t WHERE t.journey_id IS NOT NULL AND t.idempotency_key ~ ':life-[0-9]+$'",
        recorded = at("t.recorded_at"),
        effective = at("t.effective_at"),
    ))?;
    rows("step", stored, steps(model), &[EFFECTIVE], &mut found);
    let answers = database.rows("SELECT answer FROM answers ORDER BY number")?;
    let expected = model.answers.iter().map(|answer| vec![said(*answer)]);
    let expected: Vec<Row> = expected.collect();
    if answers != expected {
        found.push(format!("answers: {answers:?}, expected: {expected:?}"));
    }
    for (what, query) in FAULTS {
        for row in database.rows(query)? {
            found.push(format!("{what}: {}", row.join(", ")));
        }
    }
    Ok(found)
}

/// What is wrong whatever has happened.
const FAULTS: [(&str, &str); 4] = [
    (
        "a run that waits without a timer, or with one that is too late",
        "SELECT r.user_id, r.journey_id, r.wait_until, t.due_at FROM journey_runs r
         LEFT JOIN bucket_timers t ON t.user_id = r.user_id AND t.bucket_id = 'journey:' || r.journey_id
         WHERE r.status = 'waiting' AND (t.due_at <= r.wait_until) IS NOT TRUE",
    ),
    (
        "a run that does not know its last step",
        "SELECT r.user_id, r.journey_id, r.step_id, t.id FROM journey_runs r
         CROSS JOIN LATERAL (SELECT max(t.id) AS id FROM bucket_transitions t WHERE t.run_id = r.id) t
         WHERE r.step_id IS DISTINCT FROM t.id",
    ),
    (
        "steps of a run out of their order",
        "SELECT user_id, journey_id, entry_count FROM (
             SELECT t.*, lag(t.recorded_at) OVER w AS before, lag(t.transition) OVER w AS last FROM bucket_transitions t
             WHERE t.journey_id IS NOT NULL WINDOW w AS (PARTITION BY t.run_id ORDER BY t.id)) t
         WHERE t.before > t.recorded_at OR (t.last IS NULL) <> (t.transition = 'started') OR t.last = 'exited'",
    ),
    (
        "a key that came twice",
        "SELECT idempotency_key, count(*) FROM bucket_transitions GROUP BY 1 HAVING count(*) > 1",
    ),
];

/// The place of the one field that the model may leave open.
const EFFECTIVE: usize = 11;
const OPEN: &str = "?";

fn runs(model: &Model) -> Vec<Row> {
    let mut all = Vec::new();
    for ((user, journey), runs) in &model.runs {
        for (number, place) in runs.diary.runs().into_iter().enumerate() {
            let reason = place.reason.map(str::to_owned);
            all.push(vec![
                (*user).to_owned(),
                (*journey).to_owned(),
                place.entry_count.to_string(),
                place.status.to_owned(),
                place.step.to_string(),
                or_dash(place.label),
                place.started_at.to_string(),
                place.since.to_string(),
                or_dash(place.waits_until),
                or_dash(place.waits_for),
                or_dash(place.ended_at),
                or_dash(reason.or_else(|| runs.reasons[number].clone())),
                or_dash(runs.errors[number]),
                or_dash(runs.states[number]),
                lines(&place.lines),
            ]);
        }
    }
    all
}

fn lines(lines: &[Line]) -> String {
    let lines = lines.iter().map(|line| {
        format!(
            "<{}> {} {} {} {}",
            line.label,
            line.reached,
            line.timed_out,
            line.exited,
            line.for_so_long
                .map_or_else(String::new, |span| span.to_string())
        )
    });
    lines.collect::<Vec<_>>().join(", ")
}

fn steps(model: &Model) -> Vec<Row> {
    let steps = model.outbox.iter().map(|row| {
        vec![
            row.user.to_owned(),
            row.journey.to_owned(),
            row.entry_count.to_string(),
            row.step.to_string(),
            row.transition.to_owned(),
            or_dash(row.reason.clone()),
            row.source.to_owned(),
            or_dash(row.label.clone()),
            or_dash(row.timed_out.map(said)),
            row.recorded_at.to_string(),
            or_dash(row.by.clone()),
            row.effective_at
                .map_or_else(|| OPEN.to_owned(), |at| at.to_string()),
        ]
    });
    steps.collect()
}

/// Compares sets of rows, of which each is there once; some fields may be open.
fn rows(what: &str, stored: Vec<Row>, expected: Vec<Row>, open: &[usize], found: &mut Vec<String>) {
    let key = |row: &Row| row[..4].to_vec();
    let expected: BTreeMap<Row, Row> = expected.into_iter().map(|row| (key(&row), row)).collect();
    let mut there: BTreeSet<Row> = BTreeSet::new();
    for row in stored {
        // A run is known by three fields, and the fourth is no number.
        let known = expected.get(&key(&row)).cloned().map(|mut expected| {
            for place in open {
                if expected[*place] == OPEN {
                    expected[*place] = row[*place].clone();
                }
            }
            expected
        });
        there.insert(key(&row));
        match known {
            None => found.push(format!("{what} unexpected: {}", row.join(", "))),
            Some(expected) if expected != row => found.push(format!(
                "{what}:\n    stored:   {}\n    expected: {}",
                row.join(", "),
                expected.join(", ")
            )),
            Some(_) => {}
        }
    }
    for (_, row) in expected.iter().filter(|(key, _)| !there.contains(*key)) {
        found.push(format!("{what} missing: {}", row.join(", ")));
    }
}

fn said(yes: bool) -> String {
    if yes { "t" } else { "f" }.to_owned()
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".into(), |value| value.to_string())
}
