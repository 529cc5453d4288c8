//! Looking back farther than evaluation had to: since when those who join silently have matched, and when
//! the clock last changed the truth.
//!
//! Most need only what the evaluation has read already. For the others more is read, deeper each
//! time, fewer at a time: memory is bounded, and what is read is in proportion to how long the
//! answer lies back.

use hogsend_core::criteria::{
    Enough, Facts, InnerNo, Membership, PropertyNo, PropertyValue, Series, SeriesNo, Total, Unread,
    Zones,
};
use hogsend_core::time::Instant;

use super::pair::Pair;
use super::user_facts::FactsOf;
use crate::pg::sql::Session;
use crate::pg::zones::ServerZones;
use crate::store::facts::{self, Ask, Occurrences, Question};

/// How many occurrences of an event are read in the first round, by how much more in each further
/// one, and at most. Who has matched for longer than that many occurrences tell has done so at
/// least since the last of them.
const FIRST_DEPTH: usize = 16;
const GROWTH: usize = 8;
const DEEPEST: usize = 65_536;
/// Occurrences read by one statement, at most (but for one user's).
const AT_ONCE: usize = 65_536;

/// Somebody for whom more must be read.
struct Open<'p, 'a, 'k> {
    pair: &'p mut Pair<'a, 'k>,
    past: Vec<Occurrences>,
}

/// Sets `true_since` of pairs that match.
pub(super) fn find(session: &Session, joiners: &mut [&mut Pair], now: Instant) {
    fn walk(pair: &mut Pair, facts: &impl Facts, now: Instant) -> Result<(), Unread> {
        let Some(criteria) = &pair.bucket.criteria else {
            return Ok(());
        };
        match criteria.true_since(facts, now) {
            Ok(since) => pair.true_since = since,
            Err(unread) => {
                pair.true_since = unread.true_since.or(pair.true_since);
                return Err(unread);
            }
        }
        Ok(())
    }
    let joiners = joiners.iter_mut();
    let open = joiners.filter_map(|pair| {
        let facts = pair.facts;
        let is_open = walk(pair, &facts, now).is_err();
        is_open.then_some(&mut **pair)
    });
    let open: Vec<&mut Pair> = open.collect();
    read_on(session, open, now, |pair, facts| walk(pair, facts, now));
}

/// Asks `attempt` of each pair, with deeper and deeper facts, until it has its answer or there is no more
/// use in reading.
pub(super) fn read_on(
    session: &Session,
    pairs: Vec<&mut Pair>,
    now: Instant,
    mut attempt: impl FnMut(&mut Pair, &Deeper) -> Result<(), Unread>,
) {
    let open = pairs.into_iter().map(|pair| Open {
        past: pair.facts.occurrences(),
        pair,
    });
    let mut open: Vec<Open> = open.collect();
    let mut depth = FIRST_DEPTH;
    while !open.is_empty() {
        let mut deeper: Vec<Open> = Vec::new();
        let mut rest = open.into_iter().peekable();
        while rest.peek().is_some() {
            pgrx::check_for_interrupts!();
            let mut group: Vec<Open> = Vec::new();
            let mut size = 0;
            while let Some(next) =
                rest.next_if(|o| size == 0 || size + o.past.len() * depth <= AT_ONCE)
            {
                size += next.past.len() * depth;
                group.push(next);
            }
            session.nested(|session| read(session, &mut group, depth, now));
            for open in group {
                let known = open.pair.facts;
                let facts = Deeper {
                    known: &known,
                    past: &open.past,
                };
                let is_open = attempt(open.pair, &facts).is_err();
                if is_open && depth < DEEPEST {
                    deeper.push(open);
                }
            }
        }
        open = deeper;
        depth = (depth * GROWTH).min(DEEPEST);
    }
}

/// What is known of somebody, with more of the past.
pub(super) struct Deeper<'d> {
    known: &'d FactsOf<'d>,
    past: &'d [Occurrences],
}

impl Facts for Deeper<'_> {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let past = self.past.get(series.index());
        past.map_or_else(Series::default, Occurrences::series)
    }

    fn total(&self, series: SeriesNo) -> Option<&Total> {
        self.known.total(series)
    }

    fn property(&self, property: PropertyNo) -> Option<&PropertyValue> {
        self.known.property(property)
    }

    fn membership(&self, bucket: InnerNo) -> Membership {
        self.known.membership(bucket)
    }

    fn user(&self) -> &str {
        self.known.user()
    }

    fn live_contact(&self) -> bool {
        self.known.live_contact()
    }

    fn zones(&self) -> &dyn Zones {
        &ServerZones
    }
}

/// Reads more of what is not complete yet.
fn read(session: &Session, group: &mut [Open], depth: usize, now: Instant) {
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut latest: Vec<(&str, &str, i64)> = Vec::new();
    let mut others: Vec<(usize, usize)> = Vec::new();
    let mut questions: Vec<Question> = Vec::new();
    let mut probed: Vec<(usize, usize, u64)> = Vec::new();
    let mut probes: Vec<(&str, &str, i64)> = Vec::new();
    for (who, open) in group.iter().enumerate() {
        let user = open.pair.subject.user.as_str();
        let needs = open.pair.bucket.criteria.iter().flat_map(|c| c.series());
        for (series, need) in needs.enumerate() {
            let past = &open.past[series];
            if past.is_complete() {
                continue;
            }
            if !facts::is_by_rank(need) {
                let mut ask = Ask::of(need);
                ask.enough.push(Enough::count(depth as u64));
                others.push((who, series));
                let of = &need.of;
                questions.push(Question {
                    user,
                    of,
                    ask,
                    adds_up: false,
                });
                continue;
            }
            let event = need.of.events[0].as_str();
            places.push((who, series));
            latest.push((user, event, depth as i64));
            // Rarely needed, so not in the first round.
            if depth > FIRST_DEPTH && past.first.is_empty() {
                for rank in &need.ranks {
                    probed.push((who, series, *rank));
                    probes.push((user, event, *rank as i64));
                }
            }
        }
    }
    let latest = facts::latest(session, &latest);
    let first = facts::from_first(session, &probes);
    let found = facts::occurrences(session, &questions, now);
    for ((who, series), latest) in places.into_iter().zip(latest) {
        group[who].past[series].deepen(latest, depth);
    }
    for ((who, series), found) in others.into_iter().zip(found) {
        group[who].past[series] = found;
    }
    for ((who, series, rank), at) in probed.into_iter().zip(first) {
        group[who].past[series].first.push((rank, at));
    }
}
