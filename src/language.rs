//! The language of criteria, with the time zones that the server has.

use hogsend_core::criteria::{Criteria, Problem};

use crate::pg::zones::ServerZones;

/// Reads and checks a document, as all of this crate does.
pub fn parse(document: &str) -> Result<Criteria, Vec<Problem>> {
    Criteria::parse_in(document, &ServerZones)
}

/// Reads a document that is stored as a definition, and so was found to be good when it was defined.
pub fn parse_stored(document: &str) -> Result<Criteria, Vec<Problem>> {
    Criteria::parse_stored(document, &ServerZones)
}
