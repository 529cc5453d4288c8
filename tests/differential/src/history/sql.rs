//! Statements as SQL: what is sent to the server, and what is printed to be played again.

use super::{
    ContactChange, Correction, Definition, EntryLimit, Evaluate, Event, Form, Part, Properties,
    Statement, Step, Which,
};
use crate::instant::{START, interval, text};
use hogsend_model::{Document, Random, Value, facts};

const COLUMNS: &str =
    "user_id, event, occurred_at, idempotency_key, user_email, contact_properties";

/// A run goes on with one job. Afterwards nothing may remain; and what the runs say they have done is
/// added up in a setting, which is rolled back as everything is.
const RECONCILE: &str = "DO $$
DECLARE
    jobs bigint := (SELECT count(*) FROM bucket_jobs WHERE status <> 'done');
    done int[] := coalesce(current_setting('differential.done', true), '{0,0,0}');
    said record;
BEGIN
    FOR run IN 0 .. jobs LOOP
        SELECT * INTO said FROM hogsend_reconcile();
        done := ARRAY[done[1] + said.entered, done[2] + said.\"left\", done[3] + said.dwelled];
    END LOOP;
    PERFORM set_config('differential.done', done::text, false);
    IF said.remaining OR said.oldest_due IS NOT NULL THEN
        RAISE EXCEPTION 'something remains to be done';
    END IF;
END
$$";

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn optional(value: Option<&str>) -> String {
    value.map_or_else(|| "NULL".into(), quoted)
}

fn instant(at: i64) -> String {
    quoted(&text(at))
}

fn list(values: &[&str]) -> String {
    values
        .iter()
        .map(|v| quoted(v))
        .collect::<Vec<_>>()
        .join(", ")
}

pub fn document(properties: &Properties) -> String {
    let members = properties.iter().map(|(name, value)| (*name, value));
    members_of(members)
}

fn object(properties: &facts::Properties) -> String {
    let members = properties.iter();
    members_of(members.map(|(name, value)| (name.as_str(), value)))
}

fn members_of<'v>(members: impl Iterator<Item = (&'v str, &'v Value)>) -> String {
    let members: Vec<String> = members
        .map(|(name, value)| format!(r#""{name}":{}"#, value.json()))
        .collect();
    format!("{{{}}}", members.join(","))
}

impl Event {
    /// What every event says.
    fn fields(&self) -> [Option<String>; 6] {
        [
            Some(self.user.into()),
            Some(self.event.into()),
            Some(text(self.occurred_at)),
            self.key.map(str::to_owned),
            self.email.map(str::to_owned),
            self.patch.as_ref().map(document),
        ]
    }

    /// What events say of themselves where criteria ask for it.
    fn own(&self) -> Option<[Option<String>; 3]> {
        let Document {
            properties,
            value,
            source,
        } = self.document.as_ref()?;
        Some([
            Some(object(properties)),
            value.as_ref().map(Value::json),
            source.map(str::to_owned),
        ])
    }

    /// The same in the order of [`columns`].
    fn all(&self) -> Vec<Option<String>> {
        let own = self.own().into_iter().flatten();
        let id = self.id.map(|id| Some(id.to_string()));
        self.fields().into_iter().chain(own).chain(id).collect()
    }

    /// A line of COPY's text format; nothing here needs an escape.
    fn line(&self) -> String {
        let fields = self.all().into_iter();
        let fields: Vec<String> = fields.map(|f| f.unwrap_or_else(|| r"\N".into())).collect();
        format!("{}\n", fields.join("\t"))
    }

    fn row(&self) -> String {
        let fields = self.all().into_iter();
        let fields: Vec<String> = fields.map(|f| optional(f.as_deref())).collect();
        format!("({})", fields.join(", "))
    }
}

/// The columns of the rows that are inserted together.
fn columns(events: &[Event]) -> String {
    if events.iter().any(|event| event.document.is_some()) {
        format!("{COLUMNS}, properties, value, source, id")
    } else {
        COLUMNS.into()
    }
}

impl Which {
    fn condition(&self) -> String {
        let mut conditions = Vec::new();
        conditions.extend(self.user.map(|u| format!("user_id = {}", quoted(u))));
        conditions.extend(self.event.map(|e| format!("event = {}", quoted(e))));
        conditions.extend(
            self.since
                .map(|at| format!("occurred_at >= {}", instant(at))),
        );
        if conditions.is_empty() {
            "true".into()
        } else {
            conditions.join(" AND ")
        }
    }
}

/// What the server is sent.
pub enum Command {
    Sql(String),
    /// A COPY and its data.
    Copy(String, String),
}

impl Statement {
    pub fn command(&self) -> Command {
        if let Statement::Insert {
            form: Form::Copy,
            events,
        } = self
        {
            let data = events.iter().map(Event::line).collect();
            let columns = columns(events);
            return Command::Copy(format!("COPY user_events ({columns}) FROM STDIN"), data);
        }
        Command::Sql(self.sql())
    }

    fn sql(&self) -> String {
        match self {
            Statement::Now(at) => format!("SET hogsend.now = {}", instant(*at)),
            Statement::Reconcile => RECONCILE.into(),
            Statement::Background(on) => {
                format!(
                    "SET hogsend.inline_backfill = {}",
                    if *on { 0 } else { 10_000 }
                )
            }
            Statement::Fill { bucket, contacts } => {
                format!(
                    "SELECT hogsend_backfill_chunk({}, {contacts})",
                    quoted(bucket)
                )
            }
            Statement::Evaluate(evaluate) => {
                let evaluate = match evaluate {
                    Evaluate::On => "on",
                    Evaluate::Off => "off",
                    Evaluate::Later => "later",
                };
                format!("SET hogsend.evaluate = {evaluate}")
            }
            Statement::Announce(on) => {
                format!("SET hogsend.announce = {}", if *on { "on" } else { "off" })
            }
            Statement::Insert { form, events } => {
                let rows: Vec<String> = events.iter().map(Event::row).collect();
                let rows = rows.join(",\n    ");
                let columns = columns(events);
                match form {
                    Form::Select if columns == COLUMNS => format!(
                        "INSERT INTO user_events ({COLUMNS})\nSELECT u, e, at::timestamptz, k, m, p::jsonb FROM (VALUES\n    {rows}) AS v (u, e, at, k, m, p)"
                    ),
                    Form::Select => format!(
                        "INSERT INTO user_events ({columns})\nSELECT u, e, at::timestamptz, k, m, p::jsonb, q::jsonb, n::numeric, s, i::bigint FROM (VALUES\n    {rows}) AS v (u, e, at, k, m, p, q, n, s, i)"
                    ),
                    _ => {
                        let conflict = match form {
                            Form::Tolerant => " ON CONFLICT DO NOTHING",
                            _ => "",
                        };
                        format!("INSERT INTO user_events ({columns}) VALUES\n    {rows}{conflict}")
                    }
                }
            }
            Statement::Ingest(event) => {
                let [user, name, at, key, email, patch] =
                    event.fields().map(|f| optional(f.as_deref()));
                let own = event.own().map_or(String::new(), |own| {
                    let [properties, value, source] = own.map(|f| optional(f.as_deref()));
                    format!(", properties => {properties}, value => {value}, source => {source}")
                });
                format!(
                    "SELECT hogsend_ingest({user}, {name}, occurred_at => {at}, contact_properties => {patch}, user_email => {email}, idempotency_key => {key}{own})"
                )
            }
            Statement::Correct { which, change } => {
                let change = match change {
                    Correction::User(user) => format!("user_id = {}", quoted(user)),
                    Correction::Event(event) => format!("event = {}", quoted(event)),
                    Correction::At(at) => format!("occurred_at = {}", instant(*at)),
                    Correction::Value(value) => {
                        let value = value.as_ref().map(Value::json);
                        format!("value = {}", value.unwrap_or_else(|| "NULL".into()))
                    }
                    Correction::Source(source) => format!("source = {}", optional(*source)),
                    Correction::Properties(properties) => {
                        format!("properties = {}", quoted(&object(properties)))
                    }
                };
                format!(
                    "UPDATE user_events SET {change} WHERE {}",
                    which.condition()
                )
            }
            Statement::Erase(which) => {
                format!("DELETE FROM user_events WHERE {}", which.condition())
            }
            Statement::Truncate => "TRUNCATE user_events".into(),
            Statement::Contact {
                user,
                properties,
                upsert,
            } => {
                let conflict = if *upsert {
                    "(user_id) DO UPDATE SET properties = contacts.properties || EXCLUDED.properties"
                } else {
                    "DO NOTHING"
                };
                format!(
                    "INSERT INTO contacts (user_id, properties) VALUES ({}, {}) ON CONFLICT {conflict}",
                    quoted(user),
                    quoted(&document(properties))
                )
            }
            Statement::Change { users, change } => {
                let set = match change {
                    ContactChange::Set(properties) => {
                        format!(
                            "properties = properties || {}",
                            quoted(&document(properties))
                        )
                    }
                    ContactChange::Unset(name) => format!("properties = properties - '{name}'"),
                    ContactChange::SoftDelete => "deleted_at = now()".into(),
                    ContactChange::Undelete => "deleted_at = NULL".into(),
                    ContactChange::Email(email) => format!("email = {}", quoted(email)),
                };
                format!(
                    "UPDATE contacts SET {set} WHERE user_id IN ({})",
                    list(users)
                )
            }
            Statement::DeleteContact(user) => {
                format!("DELETE FROM contacts WHERE user_id = {}", quoted(user))
            }
            Statement::TruncateContacts => "TRUNCATE contacts".into(),
            Statement::Rename { from, to } => format!(
                "UPDATE contacts SET user_id = {} WHERE user_id = {}",
                quoted(to),
                quoted(from)
            ),
            Statement::Forget(user) => format!("SELECT hogsend_forget_user({})", quoted(user)),
            Statement::Define { bucket, definition } => definition.sql(bucket),
            Statement::Enable { bucket, enabled } => {
                format!(
                    "UPDATE buckets SET enabled = {enabled} WHERE id = {}",
                    quoted(bucket)
                )
            }
            Statement::Drop(bucket) => format!("DELETE FROM buckets WHERE id = {}", quoted(bucket)),
            Statement::Manual {
                bucket,
                users,
                into,
                silent,
            } => {
                let function = if *into { "add" } else { "remove" };
                let users = match users.as_slice() {
                    [user] => quoted(user),
                    users => format!("ARRAY[{}]", list(users)),
                };
                format!(
                    "SELECT hogsend_{function}_member({}, {users}{})",
                    quoted(bucket),
                    if *into && *silent {
                        ", silent => true"
                    } else {
                        ""
                    }
                )
            }
        }
    }

    /// As psql reads it.
    fn script(&self) -> String {
        match self.command() {
            Command::Sql(sql) => format!("{sql};\n"),
            Command::Copy(sql, data) => format!("{sql};\n{data}\\.\n"),
        }
    }
}

impl Definition {
    fn sql(&self, bucket: &str) -> String {
        let span = |name: &str, span: Option<i64>| {
            span.map_or(String::new(), |span| {
                format!(", {name} => '{}'", interval(span))
            })
        };
        let spans = |name: &str, spans: &[i64]| match spans {
            [] => String::new(),
            spans => {
                let spans: Vec<String> = spans.iter().map(|s| interval(*s)).collect();
                format!(", {name} => '{{{}}}'", spans.join(","))
            }
        };
        let criteria = match &self.criteria {
            Some(criteria) => quoted(&criteria.json(&mut Random::new(self.spelling))),
            None => "kind => 'manual'".into(),
        };
        let enabled = if self.enabled {
            ""
        } else {
            ", enabled => false"
        };
        let limit = match self.entry_limit {
            EntryLimit::Unlimited => String::new(),
            EntryLimit::Once => ", entry_limit => 'once'".into(),
            EntryLimit::Period(period) => {
                format!(
                    ", entry_limit => 'once_per_period'{}",
                    span("entry_period", period)
                )
            }
        };
        let quiet = self.quiet_before.map_or(String::new(), |at| {
            format!(", quiet_before => {}", instant(at))
        });
        format!(
            "SELECT hogsend_define_bucket({}, {criteria}{enabled}{limit}{}{}{}{}{quiet})",
            quoted(bucket),
            span("min_dwell", self.min_dwell),
            span("max_dwell", self.max_dwell),
            spans("dwell_after", &self.dwell_after),
            spans("dwell_every", &self.dwell_every),
        )
    }
}

/// The whole history as a script for psql, to be run in an empty database.
pub fn script(steps: &[Step]) -> String {
    let mut script = format!(
        "CREATE EXTENSION hogsend;\nSET hogsend.now = '{}';\n",
        text(START)
    );
    for step in steps {
        match step {
            Step::Alone(statement) => script += &statement.script(),
            Step::Transaction { parts, commit } => {
                script += "BEGIN;\n";
                for part in parts {
                    match part {
                        Part::Plain(statement) => script += &statement.script(),
                        Part::Savepoint {
                            statements,
                            release,
                        } => {
                            script += "SAVEPOINT s;\n";
                            statements.iter().for_each(|s| script += &s.script());
                            script += if *release {
                                "RELEASE s;\n"
                            } else {
                                "ROLLBACK TO s;\n"
                            };
                        }
                    }
                }
                script += if *commit { "COMMIT;\n" } else { "ROLLBACK;\n" };
            }
        }
    }
    script
}
