//! Definitions that name other buckets: what of them is refused, asked under the lock on the definitions. So of two
//! sessions that define at once the second sees what the first has defined, at every level of isolation.

use std::collections::{HashMap, HashSet};

use hogsend_core::criteria::Criteria;
use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::language;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::sql::{Arg, Session, Statement};
use crate::store::definitions;

/// A definition that a statement brings.
pub type Defined = (String, Criteria);

/// So many names are written out.
const SHOWN: usize = 10;

static MISSING: Statement = Statement::new(
    "SELECT n.id FROM unnest($1) AS n (id)
     WHERE NOT EXISTS (SELECT FROM {s}.buckets b WHERE b.id = n.id) ORDER BY n.id",
    &[pg_sys::TEXTARRAYOID],
);

/// Those of some buckets that there are none of.
pub fn missing(session: &Session, ids: &[&str]) -> Vec<String> {
    let rows = session.execute(&MISSING, &[Arg::Texts(ids)]);
    let missing = (0..rows.len()).filter_map(|row| rows.text(row, 1));
    missing.map(str::to_owned).collect()
}

static CAN_BE_READ: Statement = Statement::new(
    "SELECT count(*) = 1 FROM pg_class c
     WHERE c.relnamespace = $1::oid AND c.relname = 'buckets' AND c.relkind IN ('r', 'p')
       AND has_table_privilege(c.oid, 'SELECT') AND NOT row_security_active(c.oid)",
    &[pg_sys::INT8OID],
);

/// Whether the caller may read all definitions.
fn can_be_read(session: &Session) -> bool {
    let namespace = Arg::BigInt(i64::from(session.namespace().to_u32()));
    let rows = session.execute(&CAN_BE_READ, &[namespace]);
    rows.bool(0, 1) == Some(true)
}

/// Where criteria name buckets that there are none of, with what is to be said of it.
fn problems(session: &Session, criteria: &Criteria) -> Vec<(String, String)> {
    let named: Vec<&str> = criteria.buckets().iter().map(String::as_str).collect();
    if named.is_empty() {
        return Vec::new();
    }
    let missing = missing(session, &named);
    let paths = criteria.bucket_paths().into_iter();
    paths
        .filter(|(_, id)| missing.iter().any(|other| other == id))
        .map(|(path, id)| (path, format!("there is no bucket \"{id}\"")))
        .collect()
}

const DEFINE_FIRST: &str =
    "define it first, or in the same statement; SELECT id FROM buckets lists those that there are";

/// What hogsend_validate() says of the buckets that criteria name.
#[pg_extern(stable, strict)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_missing_buckets(
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
    let problems = match language::parse(criteria) {
        Ok(criteria) if !criteria.buckets().is_empty() => {
            Session::read(&context, |session| match can_be_read(session) {
                true => problems(session, &criteria),
                false => Vec::new(),
            })
        }
        _ => Vec::new(),
    };
    let rows = problems.into_iter();
    TableIterator::new(rows.map(|(path, message)| (path, message, DEFINE_FIRST.to_owned())))
}

/// Raises an error for criteria, of a bucket or by themselves, that name a bucket that there is none of.
pub fn require_named(session: &Session, bucket: Option<&str>, criteria: &Criteria) {
    if let Some((path, message)) = problems(session, criteria).into_iter().next() {
        let message = match bucket {
            Some(id) => format!("bucket \"{id}\": {message}"),
            None => message,
        };
        Refusal::invalid(message)
            .detail(format!("At {path} of the criteria."))
            .hint(DEFINE_FIRST)
            .raise()
    }
}

/// Refuses definitions that name what there is not, and such as would go round in a circle. What comes out of a dump
/// comes in any order, and was checked where it was defined.
pub fn check(session: &Session, defined: &[Defined]) {
    let nested = defined.iter().filter(|(_, c)| !c.buckets().is_empty());
    let nested: Vec<&Defined> = nested.collect();
    if nested.is_empty() || definitions::suspended(session) {
        return;
    }
    for (id, criteria) in &nested {
        require_named(session, Some(id), criteria);
    }
    let ids: Vec<&str> = nested.iter().map(|(id, _)| id.as_str()).collect();
    refuse(circle(&ids, &edges(session, &ids)));
}

/// Raises the error that defining a bucket anew with criteria would, as far as it is about what they name.
pub fn require_possible(session: &Session, id: &str, criteria: &Criteria) {
    if criteria.buckets().is_empty() {
        return;
    }
    require_named(session, None, criteria);
    let named: Vec<&str> = criteria.buckets().iter().map(String::as_str).collect();
    let mut edges = edges(session, &named);
    edges.insert(id.to_owned(), criteria.buckets().to_vec());
    refuse(circle(&[id], &edges));
}

fn refuse(circle: Option<Vec<String>>) {
    if let Some(circle) = circle {
        Refusal::invalid(format!("bucket \"{}\" would depend on itself", circle[0]))
            .detail(format!(
                "{}: whoever is in the one decides who is in the other.",
                circle.join(" → ")
            ))
            .hint("Leave out one of the conditions on a bucket that lead round.")
            .raise()
    }
}

static EDGES: Statement = Statement::new(
    "SELECT b.id, n.id FROM {s}.buckets b
     CROSS JOIN LATERAL unnest({+b.depends_on+|NULL::text[]+}) AS n (id)
     WHERE b.id = ANY ($1) ORDER BY b.id, n.id",
    &[pg_sys::TEXTARRAYOID],
);

/// What buckets name, and what those name, and so on.
fn edges(session: &Session, ids: &[&str]) -> HashMap<String, Vec<String>> {
    let mut edges: HashMap<String, Vec<String>> = HashMap::new();
    let mut asked: HashSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let mut open: Vec<String> = asked.iter().cloned().collect();
    while !open.is_empty() {
        let ids: Vec<&str> = open.iter().map(String::as_str).collect();
        let rows = session.execute(&EDGES, &[Arg::Texts(&ids)]);
        let pairs =
            (0..rows.len()).filter_map(|row| Some((rows.text(row, 1)?, rows.text(row, 2)?)));
        let mut next = Vec::new();
        for (bucket, named) in pairs {
            let of_bucket = edges.entry(bucket.to_owned()).or_default();
            of_bucket.push(named.to_owned());
            if asked.insert(named.to_owned()) {
                next.push(named.to_owned());
            }
        }
        open = next;
    }
    edges
}

/// A way from one of some buckets back to it, if there is any: each is left for good once no way from it leads back.
fn circle(ids: &[&str], edges: &HashMap<String, Vec<String>>) -> Option<Vec<String>> {
    let named = |id: &str| edges.get(id).map_or(&[][..], Vec::as_slice);
    let mut done: HashSet<&str> = HashSet::new();
    for start in ids {
        let mut way: Vec<(&str, std::slice::Iter<String>)> = vec![(start, named(start).iter())];
        while let Some((id, rest)) = way.last_mut() {
            let Some(next) = rest.next() else {
                done.insert(id);
                way.pop();
                continue;
            };
            if let Some(place) = way.iter().position(|(on_it, _)| on_it == next) {
                let circle = way[place..].iter().map(|(id, _)| *id);
                return Some(circle.chain([next.as_str()]).map(str::to_owned).collect());
            }
            if !done.contains(next.as_str()) {
                way.push((next, named(next).iter()));
            }
        }
    }
    None
}

/// Refuses that buckets are deleted which others name.
pub fn check_deleted(session: &Session, deleted: &[&str]) {
    if deleted.is_empty() {
        return;
    }
    let dependants = definitions::dependants(session, deleted);
    let Some(first) = dependants.first() else {
        return;
    };
    let edges = edges(session, &[first]);
    let named = edges.get(first).into_iter().flatten();
    let mut named = named.filter(|id| deleted.contains(&id.as_str()));
    let bucket = named.next().map_or(deleted[0], String::as_str);
    let ids = dependants.iter().take(SHOWN);
    let mut names: Vec<String> = ids.map(|id| format!("\"{id}\"")).collect();
    if let more @ 1.. = dependants.len().saturating_sub(SHOWN) {
        names.push(format!("{more} more"));
    }
    let state = PgSqlErrorCode::ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST;
    let message = format!("bucket \"{bucket}\" cannot be deleted, because others name it");
    Refusal::new(state, message)
        .detail(format!(
            "What is deleted is named by the criteria of {}.",
            names.join(", ")
        ))
        .hint("Give those other criteria, or delete them in the same statement.")
        .raise()
}
