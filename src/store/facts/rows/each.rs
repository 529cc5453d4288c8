//! Single rows, for whoever asks to which of very many series they belong.

use hogsend_core::criteria::{Enough, EventRow, Field, PropertyValue, Scalar, SeriesOf};
use hogsend_core::time::Instant;

use super::reading::Reading;
use super::source;
use crate::pg::direct::Direction;
use crate::pg::sql::Session;

/// One row of those that were asked for.
#[derive(Clone, Copy)]
pub struct Single<'r>(&'r dyn EventRow);

impl EventRow for Single<'_> {
    fn field(&self, field: &Field) -> Option<PropertyValue> {
        self.0.field(field)
    }

    fn equals(&self, field: &Field, scalar: &Scalar) -> bool {
        self.0.equals(field, scalar)
    }
}

/// Who is told of the rows as they come: of which of the pairs, and when it happened.
pub(super) type Tell<'t> = &'t dyn Fn(usize, Instant, Single);

/// Tells of the rows of each (user, event), the latest first, a few more than `most` of one if it has as
/// many. Returns for each whether those were all.
pub fn each_latest(session: &Session, pairs: &[(&str, &str)], most: u64, tell: Tell) -> Vec<bool> {
    let all: Vec<SeriesOf> = pairs.iter().map(|pair| SeriesOf::event(pair.1)).collect();
    let readings = pairs.iter().zip(&all).enumerate();
    let mut readings: Vec<Reading> = readings
        .map(|(place, ((user, event), of))| {
            let mut reading = Reading::until(user, event, of, Enough::count(most));
            reading.tell = Some((place, tell));
            reading
        })
        .collect();
    source::read(session, Direction::Backward, &mut readings);
    readings
        .iter()
        .map(|reading| reading.from.is_none())
        .collect()
}

impl Reading<'_> {
    /// Tells of a row, if somebody wants to hear of it.
    pub(super) fn tell(&self, at: Instant, row: &impl EventRow) {
        if let Some((place, tell)) = self.tell {
            tell(place, at, Single(row));
        }
    }
}
