//! Rows that are contacts.

use super::known::Feed;
use super::notes::Notes;
use crate::pg::spool::Spool;
use crate::pg::sql::Session;

/// Brings the contacts from what rows said to what they say.
pub fn apply(
    _session: &Session,
    _feed: &Feed,
    _was: Option<&Spool>,
    _is: Option<&Spool>,
    _notes: &mut Notes,
) {
}
