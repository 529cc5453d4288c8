//! Checking and normalising criteria, for SQL. Both take the document as text: a jsonb number may
//! be larger than any float, and must arrive here as it was written.

use pgrx::prelude::*;

use crate::language;
use crate::pg::error::Refusal;

/// A row a problem, in document order; none for a valid document.
#[pg_extern(immutable, parallel_safe, strict)]
fn hogsend_problems(
    criteria: &str,
) -> TableIterator<
    'static,
    (
        name!(path, String),
        name!(message, String),
        name!(hint, String),
    ),
> {
    let problems = language::parse(criteria).err().unwrap_or_default();
    TableIterator::new(problems.into_iter().map(|p| (p.path, p.message, p.hint)))
}

/// The one text that all spellings of the same criteria have.
#[pg_extern(immutable, parallel_safe, strict)]
fn hogsend_canonical_text(criteria: &str) -> String {
    match language::parse(criteria) {
        Ok(criteria) => criteria.canonical(),
        Err(problems) => {
            let problem = problems.into_iter().next();
            let (path, message, hint) = problem.map_or_else(
                || ("$".into(), "not valid".into(), String::new()),
                |p| (p.path, p.message, p.hint),
            );
            Refusal::invalid(message)
                .detail(format!("At {path} of the criteria."))
                .hint(hint)
                .raise()
        }
    }
}

/// The buckets whose members criteria are about, in byte order; nothing where there are none, and for what is no
/// criteria.
#[pg_extern(immutable, parallel_safe, strict)]
fn hogsend_named_buckets(criteria: &str) -> Option<Vec<String>> {
    let criteria = language::parse(criteria).ok()?;
    let mut named = criteria.buckets().to_vec();
    named.sort_unstable();
    (!named.is_empty()).then_some(named)
}
