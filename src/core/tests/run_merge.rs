//! `merge` of runs against a model that keeps whole histories as lists: numbers are places in them.

use hogsend_core::run::{Merged, Run, State, Status, Wait, merge};
use hogsend_core::time::Instant;
use proptest::prelude::*;

/// A run of the model: whose it was, when it began, and when it ended.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Naive {
    of: usize,
    began: i64,
    ended: Option<i64>,
}

fn last_run(history: &[Naive]) -> Run {
    let last = history
        .last()
        .expect("somebody who never began is left out");
    let state = match last.ended {
        Some(at) => State::Ended {
            status: Status::Completed,
            at: Instant(at),
        },
        None if last.began % 2 == 0 => State::Active,
        None => State::Waiting(Wait {
            until: Instant(last.began + 5),
            for_event: true,
        }),
    };
    Run {
        id: last.of as i64,
        entry_count: history.len() as i32,
        step: 1,
        started_at: Instant(last.began),
        since: Instant(last.began),
        state,
    }
}

const NOW: i64 = 1_000;

/// All runs of all ids one behind the other, and behind them the one that is under way, or the one that
/// ended last.
fn merged(histories: &[Vec<Naive>], is_live: bool) -> Vec<Naive> {
    let mut person: Vec<Naive> = histories.concat();
    let under_way = person.iter().filter(|run| run.ended.is_none());
    let oldest = under_way.map(|run| (run.began, run.of)).min();
    for run in &mut person {
        let goes_on = is_live && oldest == Some((run.began, run.of));
        if run.ended.is_none() && !goes_on {
            run.ended = Some(NOW);
        }
    }
    let is_last = |run: &Naive| match oldest {
        Some((began, of)) => {
            run.began == began && run.of == of && run.ended.is_none_or(|at| at == NOW)
        }
        None => false,
    };
    let last = person.iter().position(is_last);
    // Only the latest of each id is known, and is the one of it that may stand last.
    let latest = |place: &usize| histories.iter().any(|h| h.last() == Some(&person[*place]));
    let by_end = |place: &usize| person[*place].ended;
    let last = last.or_else(|| (0..person.len()).filter(latest).max_by_key(by_end));
    if let Some(last) = last {
        let run = person.remove(last);
        person.push(run);
    }
    person
}

fn histories() -> impl Strategy<Value = Vec<Vec<Naive>>> {
    let one = (
        proptest::collection::vec(0..NOW, 0..4),
        any::<bool>(),
        0..4_i64,
    );
    proptest::collection::vec(one, 1..5).prop_map(|all| {
        let history = |(of, (mut ends, is_in, late)): (usize, (Vec<i64>, bool, i64))| {
            ends.sort_unstable();
            ends.dedup();
            let mut began = -1;
            let mut history = Vec::new();
            for end in ends {
                history.push(Naive {
                    of,
                    began,
                    ended: Some(end),
                });
                began = end;
            }
            if is_in {
                // Now and then two that began at one instant.
                history.push(Naive {
                    of,
                    began: NOW - late,
                    ended: None,
                });
            }
            history
        };
        let all = all.into_iter().enumerate().map(history);
        all.filter(|history| !history.is_empty()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn one_history_is_made_of_several(histories in histories(), is_live: bool) {
        let runs: Vec<Run> = histories.iter().map(|h| last_run(h)).collect();
        let got = merge(&runs, is_live);
        let model = merged(&histories, is_live);
        let mut all = Vec::new();
        for (placed, history) in got.placed.iter().zip(&histories) {
            let last = history.len();
            for (place, run) in history.iter().enumerate() {
                let number = match place + 1 {
                    count if count == last => placed.entry_count,
                    count => count as i32 + placed.behind,
                };
                let there = model[number as usize - 1];
                prop_assert_eq!((there.of, there.began), (run.of, run.began));
                prop_assert!(run.ended.is_none() || there.ended == run.ended);
                prop_assert!(place + 1 < last || placed.ends == (run.ended != there.ended));
                all.push(number);
            }
        }
        // Each has a number of its own.
        all.sort_unstable();
        prop_assert_eq!(all, (1..=model.len() as i32).collect::<Vec<_>>());
        let live: Vec<usize> = model.iter().filter(|run| run.ended.is_none()).map(|run| run.of).collect();
        let got: Vec<usize> = got.live.iter().map(|place| histories[*place][0].of).collect();
        prop_assert_eq!(&got, &live);
        prop_assert!(live.is_empty() || model.last().is_some_and(|run| run.ended.is_none()));
    }
}

#[test]
fn who_was_never_in_a_journey_has_nothing_to_merge() {
    assert_eq!(merge([], true), Merged::default());
}
