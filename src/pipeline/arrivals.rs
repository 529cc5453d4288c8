//! Events that came, as far as journeys mention them: which of a user's they are, so that a run can begin, go on
//! or end by one of them once the user is locked.

use hogsend_core::time::Instant;

use super::Subject;
use crate::registry::Registry;
use crate::registry::journeys::NameNo;

/// One event.
#[derive(Clone, Copy)]
pub struct Arrival {
    pub name: NameNo,
    pub id: i64,
    /// When it happened, as it says.
    pub at: Instant,
    /// When it came, where it waited for the clock since; infinity: it comes now.
    arrived: Instant,
}

impl Arrival {
    pub fn arrived(&self) -> Option<Instant> {
        Some(self.arrived).filter(|at| at.is_finite())
    }
}

/// The events of one user, in the order in which they came.
#[derive(Clone, Default)]
pub struct Arrivals {
    events: Vec<Arrival>,
    /// Names for which no run waits, and which have come in this statement: one is as good as many.
    others: Vec<NameNo>,
}

impl Subject {
    /// Notes an event that was stored, which a journey mentions. `arrived`: when, where that was before.
    pub fn came(
        &mut self,
        registry: &Registry,
        name: NameNo,
        (at, id): (Instant, i64),
        arrived: Option<Instant>,
    ) {
        let arrivals = self.arrivals.get_or_insert_default();
        if arrived.is_none() && !registry.journeys.is_awaited(name) {
            if arrivals.others.contains(&name) {
                return;
            }
            arrivals.others.push(name);
        }
        arrivals.events.push(Arrival {
            name,
            id,
            at,
            arrived: arrived.unwrap_or(Instant::INFINITY),
        });
    }

    /// What came that journeys mention.
    pub fn arrivals(&self) -> &[Arrival] {
        self.arrivals.as_ref().map_or(&[], |all| &all.events)
    }

    /// Whether there is anything to look at.
    pub fn is_concerned(&self) -> bool {
        self.everything || !self.buckets.is_empty() || self.arrivals.is_some()
    }
}
