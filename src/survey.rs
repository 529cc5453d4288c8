//! Looking at everybody whom a bucket could be about, without touching anything.
//!
//! Takes the way of a backfill up to the point where it would write. So what is found here is what
//! a backfill, or the clock, would do. One snapshot, no locks, no writes: works on a standby.

use hogsend_core::time::Instant;

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::sql::Session;
use crate::pipeline::{InnerMove, Judged, PASS, Pipeline, Run, Shared, Subject, Visit};
use crate::registry::Registry;
use crate::store::contacts;

/// How many users a sample may have.
const LARGEST_SAMPLE: i32 = 10_000;

/// Hands to `visit` what would be decided about each candidate of the only bucket of `registry`, or of the first one;
/// and, of whom that would move, what would be decided about those in the buckets that name it.
pub fn survey(
    context: &Context,
    registry: &Registry,
    run: Run,
    now: Instant,
    mut visit: impl FnMut(&Session, &Judged),
) {
    let keys = registry.properties.numbered();
    let mut reached: Option<String> = None;
    loop {
        pgrx::check_for_interrupts!();
        let after = reached.take();
        let len = Session::read(context, |session| {
            let limit = PASS as i64;
            let (contacts, _) = contacts::next_stretch(session, after.as_deref(), limit, &keys);
            let pipeline = Pipeline::new(session, registry);
            let mut shared = Shared::default();
            let (only, again) = (registry.only(), Visit::Again);
            let stretch = pipeline.view(&contacts, only, again, None, &mut shared, now);
            let subjects = stretch.subjects();
            let mut moved: Vec<Subject> = Vec::new();
            for judged in pipeline.judge_stretch(&stretch, &subjects, again, run, now) {
                if let Some(inner) = InnerMove::of(&judged, now) {
                    let mut subject = Subject::new(judged.user);
                    subject.moved.push(inner);
                    moved.push(subject);
                }
                visit(session, &judged);
            }
            if !moved.is_empty() {
                let users: Vec<&str> = moved.iter().map(|s| s.user.as_str()).collect();
                let contacts = contacts::read(session, &users, &keys);
                let moved: Vec<&Subject> = moved.iter().collect();
                for judged in pipeline.judge(&moved, &contacts, Vec::new(), run, now) {
                    visit(session, &judged);
                }
            }
            reached = contacts.last().map(|(user, _)| user.clone());
            contacts.len()
        });
        if len < PASS {
            return;
        }
    }
}

/// A number of users, and the first of them.
pub struct Sample {
    pub count: i64,
    pub users: Vec<String>,
    size: usize,
}

impl Sample {
    /// A sample of at most `size` users.
    pub fn of_size(size: Option<i32>) -> Sample {
        let Some(size) = size.filter(|size| (0..=LARGEST_SAMPLE).contains(size)) else {
            Refusal::invalid(format!(
                "sample must be a number from 0 to {LARGEST_SAMPLE}"
            ))
            .detail(format!(
                "sample is {}.",
                size.map_or("NULL".into(), |n| n.to_string())
            ))
            .hint("Leave it out for 10.")
            .raise()
        };
        Sample {
            count: 0,
            users: Vec::new(),
            size: size as usize,
        }
    }

    pub fn add(&mut self, user: &str) {
        self.count += 1;
        if self.users.len() < self.size {
            self.users.push(user.to_owned());
        }
    }
}
