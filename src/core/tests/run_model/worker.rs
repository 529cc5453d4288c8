//! A runner's worker: it polls, does each step, and acknowledges; together in one transaction or apart, and
//! it dies between any two of these.

use std::collections::HashMap;

use crate::life::{Call, Kind, Row, Where, World};
use crate::{Play, both};

/// How many rows a poll brings.
const BATCH: usize = 3;

/// What one worker has in its hands: the places and rows that it has read and not yet acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    batch: Vec<(usize, Row)>,
}

/// What comes of one transaction.
enum End {
    Committed,
    /// Somebody else has acknowledged that far, or it died: nothing of it was ever there.
    RolledBack,
}

impl Worker {
    /// Reads a batch, or works on the one that it has, however long ago it read it.
    pub fn works(&mut self, play: &mut Play, at: i64) {
        if self.batch.is_empty() {
            return self.polls(play);
        }
        if play.random.one_in(3) {
            // One call for itself: what it says stays, and the step will come again.
            let (place, row) = self.batch[0].clone();
            let call = Call::random(&mut play.random);
            let done = play.tell(at, place, &row, &call);
            play.effect(place, &row, done && call.answers());
            return;
        }
        let (engine, naive) = (play.engine.clone(), play.naive.clone());
        match self.answers(play, at) {
            End::Committed => self.batch.clear(),
            End::RolledBack => {
                let counts = std::mem::take(&mut play.engine.world.counts);
                (play.engine, play.naive) = (engine, naive);
                play.engine.world.counts = counts;
                play.count("crashed");
                if play.random.one_in(2) {
                    self.batch.clear();
                }
            }
        }
    }

    fn polls(&mut self, play: &mut Play) {
        let from = play.engine.world.acknowledged;
        let rows = play.engine.rows().iter().enumerate().skip(from).take(BATCH);
        self.batch = rows.map(|(i, row)| (i + 1, row.clone())).collect();
        for (place, _) in &self.batch {
            let often = play.engine.world.delivered.entry(*place).or_default();
            *often += 1;
            if *often > 1 {
                *play.engine.world.counts.entry("came again").or_default() += 1;
            }
        }
    }

    /// One transaction: the steps, each with its effect, and the acknowledgement.
    fn answers(&self, play: &mut Play, at: i64) -> End {
        for (place, row) in &self.batch {
            if play.random.one_in(8) {
                return End::RolledBack;
            }
            play.step(at, *place, row);
        }
        let last = self.batch.last().expect("there is something to do").0;
        if play.engine.world.acknowledged >= last || play.random.one_in(8) {
            return End::RolledBack;
        }
        play.engine.world.acknowledged = last;
        End::Committed
    }
}

impl Play<'_> {
    pub fn count(&mut self, what: &'static str) {
        *self.engine.world.counts.entry(what).or_default() += 1;
    }

    fn tell(&mut self, at: i64, place: usize, row: &Row, call: &Call) -> bool {
        let run = row.entry_count;
        let done = self.engine.call(at, run, call, Some(place));
        let done = both(self.case, done, self.naive.call(at, run, call, Some(place)));
        if !done {
            self.count("refused");
            let is_live = self.engine.runs()[run as usize - 1].ended.is_none();
            if is_live {
                self.count("late worker");
            }
        }
        done
    }

    fn effect(&mut self, _: usize, row: &Row, done: bool) {
        if done {
            self.engine.world.ledger.push(row.key());
        }
    }

    /// Does a step: perhaps a word about how far it is, then where to go on. Only whose answer counts has an
    /// effect.
    fn step(&mut self, at: i64, place: usize, row: &Row) {
        if row.kind == Kind::Exited {
            return;
        }
        if self.random.one_in(4) {
            self.tell(
                at,
                place,
                row,
                &Call::Checkpoint {
                    label: "on the way",
                },
            );
        }
        let call = loop {
            let call = Call::random(&mut self.random);
            if call.answers() {
                break call;
            }
        };
        let done = self.tell(at, place, row, &call);
        self.effect(place, row, done);
    }

    /// Everything that is to be done is done, and no run is let wait any more.
    pub fn finish(&mut self, at: i64) {
        while self.engine.world.acknowledged < self.engine.rows().len() {
            let place = self.engine.world.acknowledged + 1;
            let row = self.engine.rows()[place - 1].clone();
            if row.kind != Kind::Exited {
                let done = self.tell(at, place, &row, &Call::Complete);
                self.effect(place, &row, done);
            }
            self.engine.world.acknowledged = place;
        }
        // A step whose worker acknowledged it without an answer is somebody's mistake, whom a person helps.
        let runs = self.engine.runs();
        if let Some(run) = runs.iter().find(|run| run.status == "active") {
            let done = self.engine.call(at, run.entry_count, &Call::Fail, None);
            both(
                self.case,
                done,
                self.naive.call(at, run.entry_count, &Call::Fail, None),
            );
        }
    }
}

/// Each step had its effect at most once; the steps of a run come one after the other, and none after its end.
pub fn account(case: u64, world: &World, rows: &[Row], runs: &[Where]) {
    let mut effects: HashMap<&str, u64> = HashMap::new();
    for key in &world.ledger {
        *effects.entry(key).or_default() += 1;
    }
    assert!(
        effects.values().all(|times| *times == 1),
        "case {case}: {effects:?}"
    );
    let answered = |row: &Row| {
        let key = row.key();
        effects.contains_key(key.as_str()) || world.by_hand.contains(&key)
    };
    for run in runs {
        let mine: Vec<&Row> = rows
            .iter()
            .filter(|row| row.entry_count == run.entry_count)
            .collect();
        for (n, row) in mine.iter().enumerate() {
            assert_eq!(row.step, n as i64 + 1, "case {case}: {row:?}");
            assert_eq!(row.kind == Kind::Started, n == 0, "case {case}: {row:?}");
            let is_last = n + 1 == mine.len();
            assert!(
                is_last || row.kind != Kind::Exited,
                "case {case}: after the end: {mine:?}"
            );
            // A step that another one followed was answered, for a run that waits goes on only if it was told to.
            let is_answered = answered(row);
            let followed = !is_last && mine[n + 1].kind == Kind::Resumed;
            assert!(is_answered || !followed, "case {case}: nobody did {row:?}");
        }
        let done = mine.last().is_some_and(|row| answered(row));
        assert!(run.status != "completed" || done, "case {case}: {run:?}");
    }
}
