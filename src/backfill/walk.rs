//! One stretch of contacts on a job's way.

use hogsend_core::stay::Joining;

use crate::clock;
use crate::delivery::Outbox;
use crate::pipeline::{self, Pipeline, Run, Subject, Tally};
use crate::store::{candidates, contacts};

/// How a job goes over contacts.
pub struct Walk<'a> {
    pub pipeline: Pipeline<'a>,
    /// The bucket, by its place in the registry.
    pub number: usize,
    /// Nobody has been looked at for this bucket before.
    pub first: bool,
    pub run: Run,
}

/// What was done of a stretch.
#[derive(Default)]
pub struct Part {
    pub tally: Tally,
    /// How many contacts were looked at, and the last of them.
    pub processed: i64,
    pub last: Option<String>,
    /// For how many there was something to write.
    pub writes: usize,
    /// It ends before somebody who is locked.
    pub stuck: bool,
}

impl Walk<'_> {
    fn keys(&self) -> Vec<&str> {
        let registry = self.pipeline.registry;
        let properties = registry.buckets[self.number].properties.iter();
        properties
            .map(|property| registry.properties.names[*property].as_str())
            .collect()
    }

    /// Locks everybody as they come, up to the first whom somebody else has locked.
    pub fn lock_and_look(&self, after: Option<&str>, limit: i64, outbox: &mut Outbox) -> Part {
        let session = self.pipeline.session;
        let mut locked = contacts::stretch(session, after, limit, &self.keys(), true);
        let all = candidates::ids(session, after, limit);
        let is_locked = |(user, (locked, _)): &(&String, &(String, _))| *user == locked;
        let reachable = all.iter().zip(&locked).take_while(is_locked).count();
        locked.truncate(reachable);
        let (tally, writes) =
            self.pipeline
                .pass_stretch(&locked, self.number, self.first, self.run, outbox);
        Part {
            tally,
            processed: reachable as i64,
            last: locked.pop().map(|(user, _)| user),
            writes,
            stuck: reachable < all.len(),
        }
    }

    /// Looks at everybody and locks only those for whom there is something to write, to look again.
    /// Who is passed over by that may be in somebody's hands; but whoever writes for a user knows
    /// the bucket, since it was defined before, and evaluates what they write.
    pub fn look_and_lock(&self, after: Option<&str>, limit: i64, outbox: &mut Outbox) -> Part {
        let session = self.pipeline.session;
        let contacts = contacts::stretch(session, after, limit, &self.keys(), false);
        let everybody: Vec<Subject> = contacts.iter().map(|(u, _)| Subject::new(u)).collect();
        // Nobody asks yet since when those have matched who would join.
        let trial = Run {
            joining: Joining::Announced,
            ..self.run
        };
        let now = clock::now();
        let judged =
            self.pipeline
                .judge_stretch(&everybody, &contacts, self.number, self.first, trial, now);
        let mut wanted: Vec<&str> = judged
            .iter()
            .filter(|judged| judged.writes())
            .map(|judged| judged.user)
            .collect();
        let writes = wanted.len();
        let free = contacts::try_lock(session, &wanted);
        let stuck = wanted.iter().position(|user| !free.contains(*user));
        let mut part = Part {
            processed: contacts.len() as i64,
            last: contacts.last().map(|(user, _)| user.clone()),
            writes,
            stuck: stuck.is_some(),
            ..Part::default()
        };
        if let Some(place) = stuck {
            let blocked = wanted[place];
            let before = contacts.iter().position(|(user, _)| user == blocked);
            let before = &contacts[..before.unwrap_or(0)];
            part.processed = before.len() as i64;
            part.last = before.last().map(|(user, _)| user.clone());
            wanted.truncate(place);
        }
        let mut subjects: Vec<Subject> = wanted
            .iter()
            .map(|user| {
                let mut subject = Subject::new(user);
                subject.buckets.insert(self.number);
                subject
            })
            .collect();
        // Locks are taken in byte order, like everywhere; these are held already.
        subjects.sort_unstable_by(|a, b| a.user.cmp(&b.user));
        part.tally = pipeline::run(&self.pipeline, &mut subjects, self.run, outbox);
        part
    }
}
