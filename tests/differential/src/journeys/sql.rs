//! Statements as SQL.

use super::history::{Call, Change, Definition, Event, Said, Statement, Step};
use super::{FRESH, FRESH_EVENT, HAND, WINDOW};
use crate::history::Evaluate;
use crate::instant::{START, interval, text};
use hogsend_model::diary::Limit;
use hogsend_model::{Random, Value, json};

/// Before the first history.
pub fn prepare() -> String {
    format!(
        "SELECT hogsend_define_bucket('{HAND}', kind => 'manual');
         SELECT hogsend_define_bucket('{FRESH}', hogsend_event('{FRESH_EVENT}', within => '{}'));
         CREATE TABLE answers (number bigint GENERATED ALWAYS AS IDENTITY, answer boolean);",
        interval(WINDOW)
    )
}

/// Before each.
pub const CLEAN: &str = "
    RESET hogsend.evaluate; RESET hogsend.announce;
    DELETE FROM journeys; DELETE FROM user_aliases; DELETE FROM contacts; DELETE FROM user_events;
    DELETE FROM bucket_memberships; DELETE FROM bucket_transitions; DELETE FROM journey_runs;
    DELETE FROM bucket_timers; DELETE FROM user_queue; DELETE FROM bucket_erasures; DELETE FROM answers;
    UPDATE hogsend_clock SET reconciled_at = NULL";

const EVALUATED: &str = "SET hogsend.evaluate = on";

/// Nothing may remain.
const RECONCILE: &str = "DO $$
BEGIN
    IF (SELECT remaining OR oldest_due IS NOT NULL FROM hogsend_reconcile()) THEN
        RAISE EXCEPTION 'something remains to be done';
    END IF;
END
$$";

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn list(values: &[&str]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("ARRAY[{}]::text[]", values.join(", "))
}

impl Statement {
    pub fn sql(&self) -> String {
        match self {
            Statement::Now(at) => format!("SET hogsend.now = {}", quoted(&text(*at))),
            Statement::Reconcile => RECONCILE.into(),
            Statement::Evaluate(Evaluate::Later) => "SET hogsend.evaluate = later".into(),
            Statement::Evaluate(Evaluate::Off) => "SET hogsend.evaluate = off".into(),
            Statement::Evaluate(Evaluate::On) => EVALUATED.into(),
            Statement::Silently(statement) => {
                let statement = statement.sql();
                format!("SET hogsend.announce = off;\n{statement};\nSET hogsend.announce = on")
            }
            Statement::Insert(events) => {
                let rows: Vec<String> = events.iter().map(Event::row).collect();
                format!(
                    "INSERT INTO user_events (user_id, event, occurred_at, properties, value, source) VALUES\n    {}",
                    rows.join(",\n    ")
                )
            }
            Statement::Manual { users, into } => {
                let function = if *into { "add" } else { "remove" };
                format!(
                    "SELECT hogsend_{function}_member('{HAND}', {})",
                    list(users)
                )
            }
            Statement::Define {
                journey,
                definition,
            } => definition.sql(journey),
            Statement::Enable { journey, enabled } => format!(
                "UPDATE journeys SET enabled = {enabled} WHERE id = {}",
                quoted(journey)
            ),
            Statement::Drop(journey) => {
                format!("DELETE FROM journeys WHERE id = {}", quoted(journey))
            }
            Statement::Truncate => "TRUNCATE journeys".into(),
            Statement::Say(said) => said.sql(),
            Statement::Contact { user, change } => {
                let user = quoted(user);
                match change {
                    Change::SoftDelete => {
                        format!("UPDATE contacts SET deleted_at = now() WHERE user_id = {user}")
                    }
                    Change::Undelete => format!(
                        "{EVALUATED};\nUPDATE contacts SET deleted_at = NULL WHERE user_id = {user}"
                    ),
                    Change::Rename(to) => format!(
                        "{EVALUATED};\nUPDATE contacts SET user_id = {to} WHERE user_id = {user} AND NOT EXISTS (SELECT FROM contacts WHERE user_id = {to})",
                        to = quoted(to)
                    ),
                    Change::Delete => format!("DELETE FROM contacts WHERE user_id = {user}"),
                }
            }
            Statement::TruncateContacts => "TRUNCATE contacts".into(),
            Statement::Forget(user) => format!("SELECT hogsend_forget_user({})", quoted(user)),
            Statement::Identify { alias, user } => format!(
                "SELECT hogsend_identify({}, {})",
                quoted(alias),
                quoted(user)
            ),
        }
    }
}

impl Event {
    /// What it says of itself, and which one it is.
    fn properties(&self) -> String {
        let properties = self.document.properties.iter();
        let own = properties.map(|(name, value)| format!("{}: {}", json::text(name), value.json()));
        let all: Vec<String> = own.chain([format!("\"n\": {}", self.number)]).collect();
        format!("{{{}}}", all.join(", "))
    }

    fn row(&self) -> String {
        let value = self.document.value.as_ref().map(Value::json);
        let source = self.document.source.map(quoted);
        let null = || "NULL".to_owned();
        format!(
            "({}, {}, {}, {}, {}, {})",
            quoted(self.user),
            quoted(self.name),
            quoted(&text(self.at)),
            quoted(&self.properties()),
            value.unwrap_or_else(null),
            source.unwrap_or_else(null)
        )
    }
}

impl Definition {
    fn sql(&self, journey: &str) -> String {
        let limit = match self.limit {
            Limit::Unlimited => String::new(),
            Limit::Once => ", entry_limit => 'once'".into(),
            Limit::Period(None) => ", entry_limit => 'once_per_period'".into(),
            Limit::Period(Some(period)) => format!(
                ", entry_limit => 'once_per_period', entry_period => '{}'",
                interval(period)
            ),
        };
        format!(
            "SELECT hogsend_define_journey({}, {}, {}{limit}, enabled => {})",
            quoted(journey),
            list(&self.starts),
            list(&self.exits),
            self.enabled
        )
    }
}

impl Said {
    fn sql(&self) -> String {
        let (call, may_have_state) = match &self.call {
            Call::Sleep { span, label } => (
                format!("sleep(r.id, '{}', '{label}'", interval(*span)),
                true,
            ),
            Call::SleepUntil { at, label } => (
                format!("sleep_until(r.id, '{}', '{label}'", text(*at)),
                true,
            ),
            Call::WaitFor {
                event,
                span,
                label,
                filter,
                spelling,
            } => {
                let filter = filter
                    .as_ref()
                    .map(|filter| filter.json(&mut Random::new(*spelling)));
                let filter = filter.map_or(String::new(), |json| {
                    format!(", filter => {}", quoted(&json))
                });
                let span = interval(*span);
                (
                    format!("wait_for(r.id, '{event}', '{span}', '{label}'{filter}"),
                    true,
                )
            }
            Call::Checkpoint { label } => (format!("checkpoint(r.id, '{label}'"), true),
            Call::Complete => ("complete(r.id".into(), false),
            Call::Fail(error) => (format!("fail(r.id, '{error}'"), false),
        };
        let state = self.state.filter(|_| may_have_state);
        let state = state.map_or(String::new(), |n| format!(", state => '{{\"n\": {n}}}'"));
        let step = self.step.map_or(String::new(), |_| ", step => s.id".into());
        let answered = self.step.map_or(String::new(), |before| {
            format!(
                "\nCROSS JOIN LATERAL (SELECT t.id FROM bucket_transitions t WHERE t.run_id = r.id ORDER BY t.id DESC LIMIT 1 OFFSET {before}) s"
            )
        });
        format!(
            "INSERT INTO answers (answer) SELECT hogsend_{call}{state}{step})\nFROM (SELECT id FROM journey_runs WHERE user_id = {} AND journey_id = {} ORDER BY entry_count DESC LIMIT 1 OFFSET {}) r{answered}",
            quoted(self.user),
            quoted(self.journey),
            self.run
        )
    }
}

/// The whole history as a script for psql, to be run in an empty database.
pub fn script(steps: &[Step]) -> String {
    let mut script = format!(
        "CREATE EXTENSION hogsend;\nSET hogsend.now = '{}';\n{}\n",
        text(START),
        prepare()
    );
    for step in steps {
        match step {
            Step::Alone(statement) => script += &format!("{};\n", statement.sql()),
            Step::Transaction { statements, commit } => {
                script += "BEGIN;\n";
                for (statement, is_undone) in statements {
                    let sql = statement.sql();
                    script += &match is_undone {
                        true => format!("SAVEPOINT s;\n{sql};\nROLLBACK TO s;\n"),
                        false => format!("{sql};\n"),
                    };
                }
                script += if *commit { "COMMIT;\n" } else { "ROLLBACK;\n" };
            }
        }
    }
    script
}
