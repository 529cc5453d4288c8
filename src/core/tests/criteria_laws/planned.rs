//! Facts that hold what the reading plan asks for, and beside it nothing that is true: whoever reads
//! more finds holes and lies.

use hogsend_core::criteria::{
    Criteria, Facts, Path, PropertyNo, PropertyValue, Series, SeriesNeed, SeriesNo,
};
use hogsend_core::time::Instant;
use hogsend_model::{Facts as Stored, Random};

pub struct Planned {
    series: Vec<Read>,
    properties: Vec<Option<PropertyValue>>,
    live: bool,
    user: String,
}

/// What was read of a series.
#[derive(Default)]
struct Read {
    latest: Vec<Instant>,
    further: Vec<(u64, Instant)>,
}

impl Planned {
    pub fn new(random: &mut Random, criteria: &Criteria, stored: &Stored) -> Planned {
        let mut series = Vec::new();
        for need in criteria.series() {
            let latest_first = stored.of(&need.of.events[0]).iter().rev();
            let times: Vec<Instant> = latest_first.map(|o| Instant(o.at)).collect();
            series.push(read(random, need, &times));
        }
        let property = |path: &Path| {
            let value = stored.properties.as_ref()?.get(path.key())?;
            PropertyValue::parse_at(&value.json(), path.rest())
        };
        Planned {
            series,
            properties: criteria.properties().iter().map(property).collect(),
            user: stored.user.clone(),
            live: stored.properties.is_some(),
        }
    }
}

/// Reads the ranks that are asked for, some of them one by one.
fn read(random: &mut Random, need: &SeriesNeed, times: &[Instant]) -> Read {
    let rank = |rank: u64| {
        times
            .get(usize::try_from(rank).ok()?.checked_sub(1)?)
            .copied()
    };
    let mut read = Read::default();
    let depth = 1 + random.below(need.ranks.len());
    for asked in &need.ranks[..depth] {
        let Some(at) = rank(*asked) else { break };
        // Between two that are asked for, each may be anything that keeps the order.
        while (read.latest.len() as u64) < asked - 1 {
            let earlier = read.latest.last().copied().unwrap_or(at);
            read.latest
                .push(if random.one_in(2) { earlier } else { at });
        }
        read.latest.push(at);
    }
    for asked in &need.ranks[depth..] {
        read.further.extend(rank(*asked).map(|at| (*asked, at)));
    }
    read
}

impl Facts for Planned {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let read = &self.series[series.index()];
        Series {
            latest: &read.latest,
            further: &read.further,
            ..Series::default()
        }
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        self.properties[property.index()].as_ref()
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn live_contact(&self) -> bool {
        self.live
    }
}
