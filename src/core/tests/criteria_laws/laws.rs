//! The laws. Each is about whole documents, a document of a single leg included.

use super::case::{Case, Shape, with_neighbours};
use super::planned::{Planned, just_after, memberships, rows};
use hogsend_core::criteria::{
    Criteria, Effect, Facts, HORIZON, InnerNo, Membership, Onset, Order, PATIENCE, PropertyNo,
    PropertyValue, Series, SeriesNo, Taken, Verdict, Zones,
};
use hogsend_core::time::Instant;
use hogsend_model::{Occurrence, Random};

/// What kinds of cases there were.
#[derive(Default, Debug)]
pub struct Seen {
    pub cases: u64,
    pub refused: u64,
    pub every_microsecond: u64,
    pub true_now: u64,
    pub becomes_false: u64,
    pub becomes_true: u64,
    pub bounds: u64,
    pub beyond: u64,
    pub flipped_before: u64,
    pub flips_unread: u64,
    pub dated: u64,
    pub read_again: u64,
    pub up: u64,
    pub down: u64,
    pub later: u64,
    pub newcomers: u64,
    pub never: u64,
    pub forgotten: u64,
    pub lasting: u64,
}

/// The truth is the right one, and stays so until the clock is to look again. Where the instant is said
/// to be exact it changes then, and by looking back that instant is found.
///
/// By how many microseconds the evaluator is asked late is `late`: none, unless a difference is wanted.
/// The facts are those that were asked for and no others, so this is also the law that the reading plan
/// suffices.
pub fn truth_lasts(case: &Case, random: &mut Random, seen: &mut Seen, late: i64) {
    let facts = Planned::new(random, &case.criteria, &case.user, case.now, 2);
    let truth = |at| case.truth(&case.user, at);
    for patience in [PATIENCE, random.below(3)] {
        let verdict =
            case.criteria
                .evaluate_with_patience(&facts, Instant(case.now + late), patience);
        let context = || format!("{verdict:?} with {patience}, {}", case.context());
        let until = verdict.look_at.map_or(i64::MAX, |at| at.0);
        assert_eq!(verdict.truth, truth(case.now), "{}", context());
        assert!(until > case.now, "{}", context());
        let mut later = case.instants.iter().filter(|at| **at > case.now);
        let flip = later.find(|at| truth(**at) != verdict.truth).copied();
        assert!(
            flip.is_none_or(|flip| until <= flip),
            "{flip:?}, {}",
            context()
        );
        if verdict.exact {
            assert_eq!(verdict.flips_at(), flip.map(Instant), "{}", context());
        } else {
            let is_far = Instant(until) >= Instant(case.now).plus(HORIZON);
            let is_beyond = case.tree.is_endless() && is_far;
            assert!(patience < PATIENCE || is_beyond, "{}", context());
            seen.bounds += 1;
            seen.beyond += u64::from(is_beyond);
        }
        seen.true_now += u64::from(verdict.truth);
        seen.becomes_false += u64::from(verdict.truth && flip.is_some());
        seen.becomes_true += u64::from(!verdict.truth && flip.is_some());
    }
    let (one, other) = (case.instant(random), case.instant(random));
    let (after, until) = (one.min(other), one.max(other));
    let mut last = None;
    let mut before = truth(after);
    for at in case
        .instants
        .iter()
        .filter(|at| **at > after && **at <= until)
    {
        if truth(*at) != before {
            (before, last) = (!before, Some(Instant(*at)));
        }
    }
    let mut facts = facts;
    let mut deeper = 0;
    let found = loop {
        let found = case
            .criteria
            .last_flip(&facts, Instant(after), Instant(until));
        if let Ok(found) = found {
            break found;
        }
        // Of what has not been read yet nothing is claimed.
        assert!(
            after < case.now && deeper <= 2 * MANY,
            "no end, {}",
            case.context()
        );
        deeper += 1 + random.below(8);
        facts = Planned::new(random, &case.criteria, &case.user, case.now, deeper);
        seen.flips_unread += 1;
    };
    assert_eq!(found, last, "in ({after}, {until}], {}", case.context());
    let backwards = case
        .criteria
        .last_flip(&facts, Instant(until), Instant(after));
    assert_eq!(backwards, Ok(None));
    seen.flipped_before += u64::from(last.is_some());
}

/// Whoever looks again before the time that was said is not told an earlier one.
pub fn bounds_never_retreat(case: &Case, random: &mut Random) {
    let facts = Planned::new(random, &case.criteria, &case.user, case.now, 2);
    let patience = [PATIENCE, random.below(3)][random.below(2)];
    let look = |at| {
        case.criteria
            .evaluate_with_patience(&facts, Instant(at), patience)
    };
    let until = |verdict: Verdict| verdict.look_at.unwrap_or(Instant::INFINITY);
    let first = look(case.now);
    let mut between = case.instants.iter().filter(|at| **at > case.now);
    if let Some(at) = between.nth(random.below(6))
        && Instant(*at) < until(first)
    {
        let again = look(*at);
        let context = || {
            format!(
                "at {at} with {patience}, {first:?}, {again:?}, {}",
                case.context()
            )
        };
        assert_eq!(again.truth, first.truth, "{}", context());
        assert!(until(again) >= until(first), "{}", context());
    }
}

/// Nobody has done anything more often than that.
const MANY: usize = 40;

/// The walk back dates the beginning of what is known to be true, and asks to read more rather than
/// guess.
pub fn past_is_known(case: &Case, random: &mut Random, seen: &mut Seen) {
    let now = case.now;
    // Every instant at which anything can have changed, in order.
    let moments = case.tree.moments(&case.user, now);
    let is_otherwise = moments.iter().rposition(|at| !case.was_true(*at));
    // Nothing, where it has been so for as long as anything has been going on.
    let since = is_otherwise.and_then(|place| moments.get(place + 1));
    let expected = since.map(|at| Instant(*at));
    let series = case.criteria.series().iter();
    let whole: Vec<_> = series
        .map(|need| Whole::of(rows::latest_first(&need.of, &case.user)))
        .collect();
    let mut past = Past {
        user: &case.user.user,
        criteria: &case.criteria,
        memberships: memberships(&case.criteria, &case.user),
        whole: &whole,
        depth: random.below(3),
        is_sparse: random.one_in(2),
        first: Vec::new(),
    };
    loop {
        let context = || format!("at depth {}, {}", past.depth, case.context());
        match case.criteria.true_since(&past, Instant(now)) {
            Ok(answer) => {
                assert_eq!(answer, expected, "{}", context());
                break;
            }
            Err(unread) => {
                assert!(past.depth <= MANY, "no end, {}", context());
                if let Some(since) = unread.true_since {
                    let mut later = moments.iter().filter(|at| **at >= since.0);
                    assert!(
                        later.all(|at| case.was_true(*at)),
                        "{unread:?}, {}",
                        context()
                    );
                }
                seen.read_again += 1;
            }
        }
        past.depth += 1 + random.below(2);
        past.first = past.counted_from_first();
    }
    seen.dated += u64::from(expected.is_some());
}

/// All of a series, latest first: when it happened, whether it is marked, and what was taken of it.
struct Whole {
    whole: Vec<Instant>,
    marks: Vec<bool>,
    values: Vec<Taken>,
    ids: Vec<i64>,
}

impl Whole {
    fn of(rows: Vec<rows::Row>) -> Whole {
        Whole {
            whole: rows.iter().map(|row| row.at).collect(),
            marks: rows.iter().map(|row| row.mark).collect(),
            ids: rows.iter().map(|row| row.id).collect(),
            values: rows.into_iter().map(|row| row.value).collect(),
        }
    }
}

/// As much of the past as a reader happens to have read.
struct Past<'a> {
    user: &'a str,
    criteria: &'a Criteria,
    memberships: Vec<Membership>,
    /// For each series, latest first.
    whole: &'a [Whole],
    depth: usize,
    is_sparse: bool,
    first: Vec<Vec<(u64, Option<Instant>)>>,
}

impl Past<'_> {
    fn counted_from_first(&self) -> Vec<Vec<(u64, Option<Instant>)>> {
        let series = self.criteria.series().iter().zip(self.whole);
        let first = series.map(|(need, Whole { whole, .. })| {
            let from_first = |rank: &u64| {
                let place = whole.len().checked_sub(usize::try_from(*rank).ok()?)?;
                whole.get(place).copied()
            };
            need.ranks
                .iter()
                .map(|rank| (*rank, from_first(rank)))
                .collect()
        });
        first.collect()
    }
}

impl Facts for Past<'_> {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let Whole {
            whole,
            marks,
            values,
            ids,
        } = &self.whole[series.index()];
        let need = &self.criteria.series()[series.index()];
        let read = whole.len().min(self.depth);
        Series {
            latest: &whole[..read],
            marks: match need.of.marking {
                Some(_) => &marks[..read],
                None => &[],
            },
            values: match need.of.measured {
                Some(_) => &values[..read],
                None => &[],
            },
            ids: match need.of.measured {
                Some(_) => &ids[..read],
                None => &[],
            },
            from: match self.depth.checked_sub(1) {
                // Further back there was only what is not in the series, up to the next that is.
                _ if self.is_sparse => whole
                    .get(self.depth)
                    .map_or(Instant::NEG_INFINITY, just_after),
                None => Instant::INFINITY,
                Some(last) => whole.get(last).map_or(Instant::NEG_INFINITY, just_after),
            },
            first: self.first.get(series.index()).map_or(&[], Vec::as_slice),
            oldest: whole.last().copied().zip(marks.last().copied()),
            ..Series::default()
        }
    }

    fn property(&self, _: PropertyNo) -> Option<&PropertyValue> {
        panic!("of properties the past knows nothing")
    }

    fn membership(&self, bucket: InnerNo) -> Membership {
        self.memberships[bucket.index()]
    }

    fn user(&self) -> &str {
        self.user
    }

    fn live_contact(&self) -> bool {
        panic!("since when there has been a contact nobody knows")
    }

    fn zones(&self) -> &dyn Zones {
        &rows::Clocks
    }
}

/// One more occurrence makes no other difference than its effects say, and none before they say. What
/// brings somebody into scope and no leg counts makes them match if that is enough, and else nobody.
pub fn arrivals_do_as_they_say(case: &Case, random: &mut Random, seen: &mut Seen) {
    let effects = case.criteria.effects();
    for name in case.criteria.events() {
        let names = case.world.events.iter();
        let event = names.copied().find(|event| *event == name).unwrap();
        let arrival = Occurrence {
            at: case.instant(random),
            ..Occurrence::random(random, &case.world, event, 63)
        };
        let mut more = case.user.clone();
        more.add(arrival.clone());
        let mut instants = with_neighbours(case.tree.changes(&more));
        instants.extend([case.now, arrival.at]);
        let truths = |at: &i64| (case.truth(&case.user, *at), case.truth(&more, *at));
        if !case.tree.concerns(&case.user) {
            let holds = case.criteria.holds_without_any();
            if !case.tree.counts(&arrival) && !case.tree.is_about_everybody() {
                for at in &instants {
                    assert_eq!(
                        truths(at),
                        (false, holds),
                        "{arrival:?}, {}",
                        case.context()
                    );
                }
                seen.newcomers += u64::from(holds);
            }
            continue;
        }
        let all = case.criteria.series().iter().zip(&effects);
        let its = all.filter(|(need, _)| rows::is_in(&need.of, &arrival));
        let effect = its.fold(Effect::NONE, |all, (_, effect)| all.and(*effect));
        let from = effect.from.of(Instant(arrival.at));
        for at in instants {
            let (without, with) = truths(&at);
            let is_said = match effect.order {
                Order::Same => without == with,
                Order::Up => without <= with,
                Order::Down => without >= with,
                Order::Either => true,
            };
            let is_early = Instant(at) < from && without != with;
            assert!(
                is_said && !is_early,
                "{effect:?} of {arrival:?}, {without} and {with} at {at}, {}",
                case.context()
            );
            seen.up += u64::from(!without && with && effect.order == Order::Up);
            seen.down += u64::from(without && !with && effect.order == Order::Down);
            let is_late = matches!(effect.from, Onset::After(_)) && Instant(at) == from;
            seen.later += u64::from(is_late && without != with);
        }
    }
}

/// What is written down is read as the same, and written down the same again.
pub fn canonical_is_fixed(case: &Case, random: &mut Random) {
    let criteria =
        Criteria::parse_in(&case.json, &rows::Clocks).expect("a document that was read before");
    let canonical = criteria.canonical();
    let again = Criteria::parse_in(&canonical, &rows::Clocks).expect("canonical criteria");
    assert_eq!(again.canonical(), canonical, "{}", case.context());
    let respelled =
        Criteria::parse_in(&case.respelled, &rows::Clocks).expect("the same in other words");
    assert_eq!(respelled.canonical(), canonical, "{}", case.context());
    assert_eq!(again.series(), criteria.series(), "{}", case.context());
    assert_eq!(
        again.properties(),
        criteria.properties(),
        "{}",
        case.context()
    );
    assert_eq!(again.buckets(), criteria.buckets(), "{}", case.context());
    assert_eq!(again.never(), criteria.never(), "{}", case.context());
    let facts = Planned::new(random, &criteria, &case.user, case.now, 2);
    let now = Instant(case.now);
    let (one, other) = (criteria.evaluate(&facts, now), again.evaluate(&facts, now));
    assert_eq!(one, other, "{}", case.context());
}

/// Of what nobody can match nobody is ever told to be a member.
pub fn never_is_certain(case: &Case, seen: &mut Seen) {
    if case.criteria.never().is_some() {
        let mut instants = case.instants.iter().chain([&case.now]);
        let ever = instants.any(|at| case.truth(&case.user, *at));
        assert!(!ever, "{}", case.context());
        seen.never += 1;
    }
}

/// Without what may be forgotten the truth is the same, now and ever after. Whoever did anything has a
/// contact, unless it was deleted, and then nobody asks.
pub fn what_is_forgotten_is_missed_by_nobody(case: &Case, seen: &mut Seen) {
    let now = Instant(case.now);
    let Ok(before) = case.criteria.forgettable_before(now) else {
        seen.lasting += 1;
        return;
    };
    if case.tree.is_about_everybody() && case.user.properties.is_none() {
        return;
    }
    let mut fewer = case.user.clone();
    for occurrence in case.user.occurrences() {
        if Instant(occurrence.at) < before {
            fewer.remove(occurrence);
            seen.forgotten += 1;
        }
    }
    let later = case.instants.iter().filter(|at| **at > case.now);
    for at in later.chain([&case.now]) {
        assert_eq!(
            case.truth(&fewer, *at),
            case.truth(&case.user, *at),
            "at {at}, without what was before {before:?}, {}",
            case.context()
        );
    }
}

/// All of them, in one world.
pub fn all(name: &str, random: &mut Random, shape: Shape, seen: &mut Seen, late: i64) {
    seen.cases += 1;
    let Some(case) = Case::new(name, random, shape) else {
        seen.refused += 1;
        return;
    };
    seen.every_microsecond += u64::from(case.is_small());
    truth_lasts(&case, random, seen, late);
    bounds_never_retreat(&case, random);
    past_is_known(&case, random, seen);
    arrivals_do_as_they_say(&case, random, seen);
    canonical_is_fixed(&case, random);
    never_is_certain(&case, seen);
    what_is_forgotten_is_missed_by_nobody(&case, seen);
}
