//! A user of one event, and all that is asked of it.

use hogsend_core::criteria::{
    Facts, InnerNo, Membership, NoZones, PropertyNo, PropertyValue, Series, SeriesNo, Zones,
};
use hogsend_core::time::Instant;

/// Whatever series is asked for, it is the same one.
pub struct Known {
    /// Latest first.
    pub latest: Vec<Instant>,
    pub marks: Vec<bool>,
    pub from: Instant,
    pub oldest: Option<(Instant, bool)>,
}

impl Known {
    /// All of them, each marked.
    pub fn all(latest: &[Instant]) -> Known {
        Known::marked(&latest.iter().map(|at| (*at, true)).collect::<Vec<_>>())
    }

    /// All of them, and whether they are marked.
    pub fn marked(latest: &[(Instant, bool)]) -> Known {
        let (times, marks) = latest.iter().copied().unzip();
        Known {
            latest: times,
            marks,
            from: Instant::NEG_INFINITY,
            oldest: latest.last().copied(),
        }
    }

    /// The first of them, as if no more had been read.
    pub fn read(latest: &[Instant], number: usize) -> Known {
        let read = Known::all(&latest[..number]);
        let from = read.latest.last().map_or(Instant::INFINITY, |at| at.next());
        Known { from, ..read }
    }
}

impl Facts for Known {
    fn series(&self, _: SeriesNo) -> Series<'_> {
        Series {
            latest: &self.latest,
            marks: &self.marks,
            from: self.from,
            oldest: self.oldest,
            ..Series::default()
        }
    }

    fn property(&self, _: PropertyNo) -> Option<&PropertyValue> {
        None
    }

    fn membership(&self, _: InnerNo) -> Membership {
        Membership::Never
    }

    fn user(&self) -> &str {
        "u1"
    }

    fn live_contact(&self) -> bool {
        true
    }

    fn zones(&self) -> &dyn Zones {
        &NoZones
    }
}
