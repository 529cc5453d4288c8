//! What users of a stretch did, of which the rows tell whether it counts, all at once.

use std::collections::HashMap;
use std::rc::Rc;

use hogsend_core::criteria::{Filter, SeriesOf};

use super::{Found, Occurrence, sort, source};
use crate::pg::sql::Session;
use crate::pg::zones::ServerZones;
use crate::store::facts::Occurrences;

/// Rows are read so much less willingly than entries of the index.
const ENTRIES_A_ROW: usize = 4;

/// All occurrences of a series to `users`, who stand in the order of the index and leave nobody out, by
/// ranges of it; adds how many rows were fetched. `None` when more rows than `limit` allows are to be looked at, and where there is only SQL.
pub fn of_stretch(
    session: &Session,
    users: &[&str],
    of: &SeriesOf,
    limit: usize,
    fetched: &mut usize,
) -> Option<Rc<Vec<Occurrences>>> {
    let ends = (*users.first()?, *users.last()?);
    let places: HashMap<&str, usize> = users.iter().copied().zip(0..).collect();
    let mut found: Vec<Found> = Vec::new();
    found.resize_with(users.len(), Found::default);
    let (mut visited, mut at_user) = (0, 0);
    for event in &of.events {
        source::of_all_between(session, ends, event, |user, at, id, row| {
            visited += 1;
            if visited % 1024 == 0 {
                pgrx::check_for_interrupts!();
            }
            // Rows of one user come together; those of somebody who has no contact are nobody's.
            if users[at_user] != user {
                match places.get(user) {
                    Some(place) => at_user = *place,
                    None => return true,
                }
            }
            found[at_user].visited += 1;
            let begun = of.since.is_none_or(|since| at >= since);
            let passes = |filter: &Filter| filter.passes(row, &ServerZones);
            if begun
                && of.until.is_none_or(|until| at < until)
                && of.filter.as_deref().is_none_or(passes)
            {
                let said = of.said(at, row, &ServerZones);
                found[at_user].rows.push(Occurrence { at, id, said });
            }
            visited * ENTRIES_A_ROW <= limit
        })?;
        if visited * ENTRIES_A_ROW > limit {
            *fetched += visited;
            return None;
        }
    }
    *fetched += visited;
    let found = found.into_iter().map(|mut found| {
        sort(&mut found.rows);
        found.oldest = found.rows.last().cloned();
        found.occurrences()
    });
    Some(Rc::new(found.collect()))
}
