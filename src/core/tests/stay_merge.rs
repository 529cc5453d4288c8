//! `merge` against a model that keeps whole histories as lists: numbers are places in them.

use hogsend_core::stay::{Ended, Merged, Placed, Reason, Stay, merge};
use hogsend_core::time::Instant;
use proptest::prelude::*;

/// A stay of the model: whose it was, and when it ended.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Naive {
    of: usize,
    left_at: Option<i64>,
}

/// What one id had in the bucket, first come first; the last may be active. What was pruned has its place.
fn history(of: usize, leaves: &[i64], is_in: bool) -> Vec<Naive> {
    let mut leaves = leaves.to_vec();
    leaves.sort_unstable();
    let ended = leaves.into_iter().map(Some);
    let active = is_in.then_some(None);
    ended
        .chain(active)
        .map(|left_at| Naive { of, left_at })
        .collect()
}

fn stay(history: &[Naive]) -> Stay {
    let last = history
        .last()
        .expect("somebody who was never in is left out");
    Stay {
        entry_count: history.len() as i32,
        entered_at: Instant(0),
        max_dwell_at: None,
        dwell_anchor_at: None,
        dwell_counts: Vec::new(),
        ended: last.left_at.map(|at| Ended {
            left_at: Instant(at),
            reason: Reason::Criteria,
        }),
    }
}

const NOW: i64 = 1_000;

/// One id after the other joins the person: its stays go behind, and the latest of all is put last.
fn merged(histories: &[Vec<Naive>], is_live: bool) -> Vec<Naive> {
    let mut person: Vec<Naive> = Vec::new();
    for history in histories {
        let mut theirs = history.clone();
        let is_in = |stays: &[Naive]| stays.last().is_some_and(|s| s.left_at.is_none());
        if is_in(&theirs) && (is_in(&person) || !is_live) {
            theirs.last_mut().expect("somebody is in").left_at = Some(NOW);
        }
        let until = |stays: &[Naive]| stays.last().map(|s| s.left_at.unwrap_or(i64::MAX));
        if until(&person) > until(&theirs) {
            let last = person.pop().expect("there is one that is later");
            person.extend(theirs);
            person.push(last);
        } else {
            person.extend(theirs);
        }
    }
    person
}

/// Where the model finds the stays of `merge`: for each of an id, whose number in that id's own history was
/// `count`, its place.
fn numbers(merged: &Merged, histories: &[Vec<Naive>]) -> Vec<Vec<i32>> {
    let of = |(placed, history): (&Placed, &Vec<Naive>)| {
        let last = history.len() as i32;
        (1..=last)
            .map(|count| match count == last {
                true => placed.entry_count,
                false => count + placed.behind,
            })
            .collect()
    };
    merged.placed.iter().zip(histories).map(of).collect()
}

fn histories() -> impl Strategy<Value = Vec<Vec<Naive>>> {
    let one = (proptest::collection::vec(0..NOW, 0..4), any::<bool>());
    proptest::collection::vec(one, 1..5).prop_map(|all| {
        let all = all.into_iter().enumerate();
        all.map(|(of, (leaves, is_in))| history(of, &leaves, is_in))
            .filter(|history| !history.is_empty())
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn one_history_is_made_of_several(histories in histories(), is_live: bool) {
        // A user who is nobody to be in is not in.
        let in_of_user = histories.first().is_some_and(|h| h[0].of == 0 && h.last().unwrap().left_at.is_none());
        let is_live = is_live || in_of_user;
        let stays: Vec<Stay> = histories.iter().map(|h| stay(h)).collect();
        let got = merge(&stays, is_live);
        let model = merged(&histories, is_live);
        let numbers = numbers(&got, &histories);
        for (history, numbers) in histories.iter().zip(&numbers) {
            for (stay, number) in history.iter().zip(numbers) {
                let there = model[*number as usize - 1];
                prop_assert_eq!(there.of, stay.of);
                prop_assert!(stay.left_at.is_none() || there.left_at == stay.left_at);
            }
        }
        // Each has a number of its own.
        let mut all: Vec<i32> = numbers.into_iter().flatten().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (1..=model.len() as i32).collect::<Vec<_>>());
        for (placed, history) in got.placed.iter().zip(&histories) {
            let was_in = history.last().unwrap().left_at.is_none();
            let is_in = model.iter().any(|s| s.of == history[0].of && s.left_at.is_none());
            prop_assert_eq!(placed.ends, was_in && !is_in);
        }
        let member = model.last().filter(|s| s.left_at.is_none()).map(|s| s.of);
        prop_assert_eq!(got.member.map(|place| histories[place][0].of), member);
        prop_assert_eq!(model.iter().filter(|s| s.left_at.is_none()).count(), usize::from(member.is_some()));
        // Of a person who is out the latest leave is the last.
        let left = |s: &Naive| s.left_at.unwrap_or(i64::MAX);
        prop_assert_eq!(model.iter().map(left).max(), model.last().map(left));
    }
}

#[test]
fn who_was_never_in_has_nothing_to_merge() {
    assert_eq!(merge([], true), Merged::default());
}
