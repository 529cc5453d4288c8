//! The language of criteria, with the time zones that the server has.

use hogsend_core::criteria::{Criteria, Filter, Problem, Stored};

use crate::pg::stored::StoredJson;
use crate::pg::zones::{self, ServerZones};
use pgrx::prelude::*;

/// Other letters where the server's database of time zones has other rules.
#[pg_extern(stable, parallel_safe)]
fn hogsend_zone_rules() -> String {
    zones::rules()
}

/// Reads and checks a document, as all of this crate does.
pub fn parse(document: &str) -> Result<Criteria, Vec<Problem>> {
    Criteria::parse_in(document, &ServerZones)
}

/// Reads and checks a filter that stands by itself.
pub fn parse_filter(document: &str) -> Result<Filter, Vec<Problem>> {
    Filter::parse_in(document, &ServerZones)
}

/// Reads what is stored as a definition, and so was found to be good when it was defined.
pub fn parse_stored(document: Option<&StoredJson>) -> Result<Criteria, Vec<Problem>> {
    let Some(document) = document else {
        return parse("null");
    };
    let stored = document.taken_apart();
    let is_whole = stored.is_whole();
    let criteria = Criteria::parse_stored(stored, &ServerZones);
    if is_whole || criteria.is_ok() {
        return criteria;
    }
    // Only possible when the check was bypassed. Nothing is said of a document but by who has read all of it.
    Criteria::parse_stored(Stored::whole(document.text()), &ServerZones)
}
