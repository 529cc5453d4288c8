//! Several ids turn out to be one person, whose diary is one.

use super::{Diary, Did, Entry, ended};

/// Of a run the id that it was of, by its place in the list, and which of that id's it was.
pub type Origin = (usize, usize);

impl Diary {
    /// The runs of all ids come one after the other, in the order of the ids. But the one that goes on is the last,
    /// or else the one that ended last; of several that are under way it is the one that began first, and the
    /// others end without a word. `numbers`: in which order runs began that began at the same time.
    pub fn merged(diaries: &[Diary], numbers: &[Vec<u64>], now: i64) -> (Diary, Vec<Origin>) {
        let mut all: Vec<(Origin, Vec<Entry>)> = Vec::new();
        for (id, diary) in diaries.iter().enumerate() {
            for (place, life) in diary.lives().into_iter().enumerate() {
                all.push(((id, place), life.to_vec()));
            }
        }
        let live = all.iter().filter(|(_, life)| ended(life).is_none());
        let first = live.min_by_key(|((id, place), life)| (life[0].at, numbers[*id][*place]));
        let past = all
            .iter()
            .filter_map(|(run, life)| Some((ended(life)?.at, *run)));
        // Of those that ended at one time the last in the order is.
        let last = first.map(|(run, _)| *run);
        let last = last.or_else(|| past.max_by_key(|(at, _)| *at).map(|(_, run)| run));
        let (mut others, mut kept): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(run, _)| Some(*run) != last);
        for (_, life) in &mut others {
            if ended(life).is_none() {
                life.push(Entry {
                    at: now,
                    did: Did::End {
                        status: "exited",
                        reason: Some("merged"),
                    },
                    was_said: false,
                });
            }
        }
        others.append(&mut kept);
        let (runs, lives): (Vec<Origin>, Vec<Vec<Entry>>) = others.into_iter().unzip();
        (Diary(lives.concat()), runs)
    }
}
