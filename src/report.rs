//! The page of [`hogsend_core::report`], for SQL.

use hogsend_core::report::{Facts, page};
use pgrx::prelude::*;

use crate::language;
use crate::pg::error::Refusal;

/// The page of what hogsend_report_facts() told.
#[pg_extern(stable, parallel_safe, strict)]
fn hogsend_report_page(facts: &str) -> String {
    let mut facts: Facts = serde_json::from_str(facts).unwrap_or_else(|error| {
        Refusal::invalid("these are no facts for a report")
            .detail(error.to_string())
            .hint("SELECT hogsend_report() asks for them and makes the page.")
            .raise()
    });
    if let Some(one) = &mut facts.one {
        let criteria = one.criteria.as_deref().map(language::parse);
        one.outline = criteria.and_then(|criteria| Some(criteria.ok()?.outline()));
    }
    page(&facts)
}
