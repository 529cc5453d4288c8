//! What is not wrong with criteria, and probably not meant: said as a NOTICE when they are defined.

pub mod of_journeys;

use std::collections::HashSet;

use hogsend_core::criteria::{Criteria, Never};
use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::language;
use crate::nesting::Defined;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::fit::Column;
use crate::pg::sql::{Session, Statement, json_text};
use crate::pg::trigger::{Call, Operation, Side};
use crate::store::{candidates, events};

/// So many are said of one statement.
const MOST: usize = 20;

/// So many look-ups of an event by user tell for certain whether anybody did it, in a few milliseconds.
const LOOK_UPS: i64 = 2_000;

/// Among so many of the last events names are looked for: at first, and where some are not found.
const LAST: i64 = 16;
const RECENT: i64 = 1_000;

/// A column of contacts that is easily taken for one of their properties.
const EMAIL: &str = "email";

struct Warning {
    path: String,
    message: String,
    hint: String,
}

/// What hogsend_validate() says as warnings: nothing of a document that has problems.
#[pg_extern(stable, strict)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_warnings(
    criteria: &str,
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(path, String),
        name!(message, String),
        name!(hint, String),
    ),
> {
    let context = Context::of_call(fcinfo);
    let criteria: Vec<Criteria> = language::parse(criteria).into_iter().collect();
    let warnings = Session::read(&context, |session| of_all(session, &criteria));
    let warnings = warnings.into_iter().flatten();
    TableIterator::new(warnings.map(|w| (w.path, w.message, w.hint)))
}

static DEFINED: [Column; 3] = [
    Column::bucket(c"id"),
    Column::key(c"kind"),
    Column::json(c"criteria"),
];
static REDEFINED: Statement = Statement::new(
    "SELECT n.id, n.criteria::text FROM hogsend_new n JOIN hogsend_old o USING (id)
     WHERE n.kind = 'dynamic' AND n.criteria_hash IS DISTINCT FROM o.criteria_hash ORDER BY n.id",
    &[],
);

/// The definitions that a statement on buckets brings. Its transition tables must be registered.
pub fn defined_by(session: &Session, call: &Call) -> Vec<Defined> {
    let defined = match call.operation {
        Operation::Insert => defined(call),
        Operation::Update => redefined(session),
        Operation::Delete | Operation::Truncate => return Vec::new(),
    };
    let defined = defined.into_iter();
    defined
        .filter_map(|(id, text)| Some((id, language::parse(&text).ok()?)))
        .collect()
}

/// Says of definitions what is to be said of them.
pub fn say(session: &Session, defined: Vec<Defined>) {
    if defined.is_empty() {
        return;
    }
    let (ids, criteria): (Vec<String>, Vec<Criteria>) = defined.into_iter().unzip();
    let warnings = of_all(session, &criteria);
    let mut warnings = ids
        .iter()
        .zip(warnings)
        .flat_map(|(id, warnings)| warnings.into_iter().map(move |warning| (id, warning)));
    for (id, warning) in warnings.by_ref().take(MOST) {
        Refusal::note(format!("bucket \"{id}\": {}", warning.message))
            .detail(format!("At {} of the criteria.", warning.path))
            .hint(warning.hint)
            .notice();
    }
    match warnings.count() {
        0 => {}
        more => Refusal::note(format!("{more} more are to be said of these definitions"))
            .hint("SELECT * FROM hogsend_validate(criteria) says what, of each.")
            .notice(),
    }
}

/// The ids and the criteria of new definitions, without a statement: a plan for each is a part of what it
/// costs to define one.
fn defined(call: &Call) -> Vec<(String, String)> {
    let mut defined = Vec::new();
    call.for_each(Side::New, &DEFINED, |row| {
        if let (Some(id), Some("dynamic"), Some(criteria)) =
            (row.text(0), row.text(1), row.datum(2))
        {
            defined.push((id.to_owned(), json_text(criteria)));
        }
    });
    defined.sort_unstable();
    defined
}

/// The same of those that have changed.
fn redefined(session: &Session) -> Vec<(String, String)> {
    let rows = session.execute_once(&REDEFINED, &[]);
    (0..rows.len())
        .filter_map(|row| Some((rows.text(row, 1)?.to_owned(), rows.text(row, 2)?.to_owned())))
        .collect()
}

/// For each of the criteria its warnings.
fn of_all(session: &Session, criteria: &[Criteria]) -> Vec<Vec<Warning>> {
    let mut names: Vec<&str> = criteria.iter().flat_map(Criteria::events).collect();
    names.sort_unstable();
    names.dedup();
    let unknown = unknown(session, names);
    criteria
        .iter()
        .map(|criteria| {
            let unknown = criteria
                .event_paths()
                .into_iter()
                .filter(|(_, event)| unknown.contains(event))
                .map(|(path, event)| about_unknown(path, event));
            let never = criteria.never().map(about_never);
            let email = criteria.property_path(EMAIL).map(about_email);
            never.into_iter().chain(email).chain(unknown).collect()
        })
        .collect()
}

fn about_never(never: Never) -> Warning {
    let (message, hint) = match never {
        Never::Contradiction => (
            "these criteria can never be true",
            "conditions that must hold together exclude each other: change one of them, or say \"or\"",
        ),
        Never::NotEveryone => (
            "nobody can ever match these criteria",
            "they ask that something is not so that is so of everybody: leave that out, or put what excludes \
             somebody into \"not\"",
        ),
        Never::OutOfScope => (
            "nobody can ever match these criteria",
            "only somebody who did one of these events at any time can be a member: say within what time \
             it did not happen, or add a condition on a property, which is about everybody with a contact",
        ),
    };
    Warning {
        path: "$".into(),
        message: message.into(),
        hint: hint.into(),
    }
}

fn about_email(path: String) -> Warning {
    Warning {
        path,
        message: format!("the property \"{EMAIL}\" is not the column contacts.{EMAIL}"),
        hint: "criteria read contacts.properties alone: put the address into contact_properties as well as \
               into user_email, or ask the column with a query bucket"
            .into(),
    }
}

fn about_unknown(path: String, event: &str) -> Warning {
    Warning {
        path,
        message: format!("nobody is known to have done \"{event}\""),
        hint: "if that event is to come, all is well; if not, see how it is spelled".into(),
    }
}

/// Those of the names whose events nobody ever sent. Where it would take long to be certain, by what
/// ANALYZE has seen; where that does not tell either, and where there are no events yet or the caller
/// may not read all of them, none.
fn unknown<'n>(session: &Session, mut names: Vec<&'n str>) -> HashSet<&'n str> {
    if names.is_empty() || !events::can_be_read(session) {
        return HashSet::new();
    }
    // What is asked for mostly comes all the time.
    for most in [LAST, RECENT] {
        let recent = events::recent_names(session, most);
        names.retain(|name| !recent.contains(*name));
        if recent.is_empty() || names.is_empty() {
            return HashSet::new();
        }
    }
    let analyzed = events::analyzed_names(session);
    names.retain(|name| !analyzed.names.contains(*name));
    if names.is_empty() {
        return HashSet::new();
    }
    let contacts = candidates::contacts_up_to(session, LOOK_UPS);
    if contacts.saturating_mul(names.len() as i64) <= LOOK_UPS {
        let done = events::done_by_anybody(session, &names);
        names.retain(|name| !done.contains(*name));
    } else if !analyzed.are_all {
        names.clear();
    }
    names.into_iter().collect()
}
