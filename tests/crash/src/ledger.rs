//! What writers were told became of their statements, kept outside of the server.

use anyhow::Result;
use postgres::Client;
use std::collections::HashMap;
use std::sync::Mutex;

/// What a writer knows of one of its statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It was sent, and there was no answer: it is stored, or it is not.
    Nothing,
    /// It was answered, so it is stored.
    Stored,
    /// Its transaction is prepared: it will be stored once somebody commits that.
    Prepared,
    /// It was answered with an error, so it is not stored.
    Refused,
}

/// What a statement writes, and by what it is found again.
pub enum Mark {
    /// So many events, whose `source` is its number.
    Events(i64),
    /// The number, in a property of a contact that no other writer sets.
    Property { user: String, name: String },
}

struct Statement {
    mark: Mark,
    known: Known,
}

/// All statements, in the order in which they were begun; the index is the number.
#[derive(Default)]
pub struct Ledger(Mutex<Vec<Statement>>);

impl Ledger {
    /// Notes a statement that is about to be sent, and gives it a number.
    pub fn begin(&self, mark: Mark) -> usize {
        let mut statements = self.0.lock().unwrap();
        let known = Known::Nothing;
        statements.push(Statement { mark, known });
        statements.len() - 1
    }

    pub fn note(&self, number: usize, known: Known) {
        self.0.lock().unwrap()[number].known = known;
    }

    pub fn count(&self, known: Known) -> usize {
        let statements = self.0.lock().unwrap();
        statements.iter().filter(|s| s.known == known).count()
    }

    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Which of the statements from `first` on that were answered by now is not stored as it was
    /// answered. Others may be under way.
    pub fn faults_since(&self, client: &mut Client, first: usize) -> Result<Vec<String>> {
        let answered: Vec<_> = self.0.lock().unwrap()[first..]
            .iter()
            .enumerate()
            .filter_map(
                |(index, statement)| match (&statement.mark, statement.known) {
                    (Mark::Events(rows), Known::Stored) => Some((first + index, *rows)),
                    (Mark::Events(_), Known::Refused) => Some((first + index, 0)),
                    _ => None,
                },
            )
            .collect();
        let stored = stored_events(client, first)?;
        Ok(answered
            .into_iter()
            .filter_map(|(number, rows)| {
                let found = stored.get(&number).copied().unwrap_or(0);
                difference(number, &[rows], found)
            })
            .collect())
    }

    /// The same of all statements, when none is under way.
    pub fn faults_at_rest(&self, client: &mut Client) -> Result<Vec<String>> {
        let mut stored = stored_events(client, 0)?;
        let statements = self.0.lock().unwrap();
        let mut faults = Vec::new();
        for (number, statement) in statements.iter().enumerate() {
            let Mark::Events(rows) = statement.mark else {
                continue;
            };
            let allowed: &[i64] = match statement.known {
                Known::Nothing => &[0, rows],
                Known::Stored | Known::Prepared => &[rows],
                Known::Refused => &[0],
            };
            let found = stored.remove(&number).unwrap_or(0);
            faults.extend(difference(number, allowed, found));
        }
        faults.extend(
            stored
                .keys()
                .map(|number| format!("event of nobody: {number}")),
        );
        faults.extend(faults_of_properties(client, &statements)?);
        Ok(faults)
    }
}

fn difference(number: usize, allowed: &[i64], found: i64) -> Option<String> {
    (!allowed.contains(&found)).then(|| {
        let what = if found < allowed[0] {
            "lost"
        } else {
            "too many"
        };
        format!("events {what}: statement {number} has {found} of {allowed:?}")
    })
}

/// By statement, of those from `first` on.
fn stored_events(client: &mut Client, first: usize) -> Result<HashMap<usize, i64>> {
    let rows = client.query(
        "SELECT source::bigint, count(*) FROM user_events WHERE source::bigint >= $1 GROUP BY 1",
        &[&(first as i64)],
    )?;
    Ok(rows
        .iter()
        .map(|row| (row.get::<_, i64>(0) as usize, row.get(1)))
        .collect())
}

/// Each property must be what the last answered statement set, or a later one in doubt.
fn faults_of_properties(client: &mut Client, statements: &[Statement]) -> Result<Vec<String>> {
    let mut allowed: HashMap<(&str, &str), Vec<Option<i64>>> = HashMap::new();
    for (number, Statement { mark, known }) in statements.iter().enumerate() {
        let Mark::Property { user, name } = mark else {
            continue;
        };
        let values = allowed.entry((user, name)).or_insert_with(|| vec![None]);
        match known {
            Known::Nothing | Known::Prepared => values.push(Some(number as i64)),
            Known::Stored => *values = vec![Some(number as i64)],
            Known::Refused => {}
        }
    }
    let rows = client.query(
        "SELECT user_id, key, value::bigint
         FROM contacts CROSS JOIN LATERAL jsonb_each_text(properties) WHERE key LIKE 'mark %'",
        &[],
    )?;
    let found: HashMap<(&str, &str), i64> = rows
        .iter()
        .map(|row| ((row.get(0), row.get(1)), row.get(2)))
        .collect();
    Ok(allowed
        .iter()
        .filter_map(|(of, values)| {
            let value = found.get(of).copied();
            let is_right = values.contains(&value);
            (!is_right).then(|| format!("update lost: {of:?} is {value:?}, not one of {values:?}"))
        })
        .collect())
}
