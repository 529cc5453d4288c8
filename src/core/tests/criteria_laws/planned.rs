//! Facts that hold what the reading plan asks for, and beside it nothing that is true: whoever reads
//! more finds holes and lies.

#[path = "../criteria_support/rows.rs"]
pub mod rows;

use rows::Row;

use hogsend_core::criteria::{
    Criteria, Facts, InnerNo, Membership, Path, PropertyNo, PropertyValue, Series, SeriesNeed,
    SeriesNo, Taken, Total, Zones,
};
use hogsend_core::time::Instant;
use hogsend_model::{Facts as Stored, Random};

pub struct Planned {
    series: Vec<Read>,
    /// Of some that are asked for as a whole it is known what they come to.
    totals: Vec<Option<Total>>,
    properties: Vec<Option<PropertyValue>>,
    memberships: Vec<Membership>,
    live: bool,
    user: String,
}

/// What was read of a series.
struct Read {
    latest: Vec<Instant>,
    marks: Vec<bool>,
    values: Vec<Taken>,
    ids: Vec<i64>,
    from: Instant,
    further: Vec<(u64, Instant)>,
    oldest: Option<(Instant, bool)>,
}

impl Read {
    /// As if nothing had happened, ever.
    fn nothing() -> Read {
        Read {
            latest: Vec::new(),
            marks: Vec::new(),
            values: Vec::new(),
            ids: Vec::new(),
            from: Instant::NEG_INFINITY,
            further: Vec::new(),
            oldest: None,
        }
    }
}

impl Planned {
    /// What is to be read at `now`, and up to `more` occurrences of each series beyond, at least half as many:
    /// whatever numbers are drawn, who asks for more and more comes to the end.
    pub fn new(
        random: &mut Random,
        criteria: &Criteria,
        stored: &Stored,
        now: i64,
        more: usize,
    ) -> Planned {
        let mut series = Vec::new();
        let mut totals = Vec::new();
        for (place, need) in criteria.series().iter().enumerate() {
            if place >= criteria.series_to_read() {
                series.push(Read::nothing());
                totals.push(None);
                continue;
            }
            let rows = rows::latest_first(&need.of, stored);
            let is_kept = need.keeps_total && random.one_in(2);
            totals.push(is_kept.then(|| total(need, &rows)));
            let mut need = need.clone();
            if is_kept {
                need.enough.clone_from(&need.beside_total);
            }
            let need = &need;
            series.push(if need.of.is_plain() && need.enough.is_empty() {
                ranks(random, need, &rows)
            } else {
                latest(random, need, &rows, Instant(now), more)
            });
        }
        let property = |path: &Path| {
            let value = stored.properties.as_ref()?.get(path.key())?;
            PropertyValue::parse_at(&value.json(), path.rest())
        };
        Planned {
            series,
            totals,
            properties: criteria.properties().iter().map(property).collect(),
            memberships: memberships(criteria, stored),
            user: stored.user.clone(),
            live: stored.properties.is_some(),
        }
    }
}

/// What all of them come to.
fn total(need: &SeriesNeed, rows: &[Row]) -> Total {
    let mut total = Total::default();
    for row in rows {
        total.add(row.at, &row.value, need.of.measured.is_some());
    }
    total
}

/// How the user stands with each bucket that criteria name.
pub fn memberships(criteria: &Criteria, stored: &Stored) -> Vec<Membership> {
    let of = |bucket: &String| match stored.memberships.get(bucket.as_str()) {
        None => Membership::Never,
        Some(stay) if stay.is_member => Membership::Member {
            since: Instant(stay.since),
        },
        Some(stay) => Membership::Left {
            since: Instant(stay.since),
        },
    };
    criteria.buckets().iter().map(of).collect()
}

/// Of several at minus infinity some may not have been read.
pub fn just_after(at: &Instant) -> Instant {
    at.next().max(Instant(i64::MIN + 1))
}

fn rank(rows: &[Row], rank: u64) -> Option<Instant> {
    let place = usize::try_from(rank).ok()?.checked_sub(1)?;
    rows.get(place).map(|row| row.at)
}

/// Reads the ranks that are asked for, some of them one by one.
fn ranks(random: &mut Random, need: &SeriesNeed, rows: &[Row]) -> Read {
    let mut latest: Vec<Instant> = Vec::new();
    let depth = 1 + random.below(need.ranks.len());
    for asked in &need.ranks[..depth] {
        let Some(at) = rank(rows, *asked) else { break };
        // Between two that are asked for, each may be anything that keeps the order.
        while (latest.len() as u64) < asked - 1 {
            let earlier = latest.last().copied().unwrap_or(at);
            latest.push(if random.one_in(2) { earlier } else { at });
        }
        latest.push(at);
    }
    Read {
        marks: Vec::new(),
        values: Vec::new(),
        ids: Vec::new(),
        from: Instant::INFINITY,
        further: further(rows, &need.ranks[depth..]),
        oldest: oldest(need, rows),
        latest,
    }
}

/// The very first, where that is asked for.
fn oldest(need: &SeriesNeed, rows: &[Row]) -> Option<(Instant, bool)> {
    let last = rows.last().filter(|_| need.oldest);
    last.map(|row| (row.at, row.mark))
}

fn further(rows: &[Row], ranks: &[u64]) -> Vec<(u64, Instant)> {
    let known = ranks.iter().map(|asked| (*asked, rank(rows, *asked)));
    known.filter_map(|(asked, at)| Some((asked, at?))).collect()
}

/// Reads from the latest on until there is enough, and `more`.
fn latest(random: &mut Random, need: &SeriesNeed, rows: &[Row], now: Instant, more: usize) -> Read {
    let until_met = need.enough.iter().map(|enough| {
        let mut count = 0;
        let met = rows.iter().position(|row| {
            count += u64::from(enough.counts(row.at, now));
            enough.is_met(row.at, count, now)
        });
        met.map_or(rows.len() + 1, |place| place + 1)
    });
    let read = until_met.max().unwrap_or(0) + more - random.below(more / 2 + 1);
    let read_rows = rows.iter().take(read);
    let latest: Vec<Instant> = read_rows.clone().map(|row| row.at).collect();
    Read {
        from: match latest.last() {
            _ if read > rows.len() => Instant::NEG_INFINITY,
            // Further back there was only what is not in the series, up to the next that is.
            _ if random.one_in(2) => rows
                .get(read)
                .map_or(Instant::NEG_INFINITY, |next| just_after(&next.at)),
            None => Instant::INFINITY,
            Some(last) => just_after(last),
        },
        marks: if need.of.marking.is_some() {
            read_rows.clone().map(|row| row.mark).collect()
        } else {
            Vec::new()
        },
        ids: if need.of.measured.is_some() {
            read_rows.clone().map(|row| row.id).collect()
        } else {
            Vec::new()
        },
        values: if need.of.measured.is_some() {
            read_rows.map(|row| row.value.clone()).collect()
        } else {
            Vec::new()
        },
        further: further(rows, &need.ranks),
        oldest: oldest(need, rows),
        latest,
    }
}

impl Facts for Planned {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let read = &self.series[series.index()];
        Series {
            latest: &read.latest,
            marks: &read.marks,
            values: &read.values,
            ids: &read.ids,
            from: read.from,
            further: &read.further,
            oldest: read.oldest,
            ..Series::default()
        }
    }

    fn total(&self, series: SeriesNo) -> Option<&Total> {
        self.totals[series.index()].as_ref()
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        self.properties[property.index()].as_ref()
    }

    fn membership(&self, bucket: InnerNo) -> Membership {
        self.memberships[bucket.index()]
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn live_contact(&self) -> bool {
        self.live
    }

    fn zones(&self) -> &dyn Zones {
        &rows::Clocks
    }
}
