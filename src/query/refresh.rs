//! One refresh of one bucket.

use hogsend_core::stay::Joining;
use hogsend_core::time::{Instant, Span};

use super::merge::{Merge, Step};
use super::{Moved, members};
use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::spool::Spool;
use crate::pg::sql::Session;
use crate::pg::subtransaction::attempt;
use crate::pipeline::{PASS, Pipeline, Run, Subject, Tally, run};
use crate::registry::{BucketNo, Registry};
use crate::store::contacts;
use crate::store::refreshes::{self, Acquaintance, Done, Refresh};

/// How many users one refresh of the clock's moves: so long their contacts are locked. The next
/// finds those who remain.
const MOST: i64 = 100_000;

/// Between two refreshes of a bucket the clock does something else, however much it is asked for.
const SHORTEST_REST: Span = Span(1_000_000);
/// And it does so for as many times as long as the query takes.
const REST: i64 = 10;

struct Refreshing<'a> {
    context: &'a Context,
    registry: &'a Registry,
    bucket: &'a Refresh,
    /// The bucket, by its place in the registry.
    number: BucketNo,
    run: Run,
    /// Users who are locked are waited for.
    waits: bool,
}

/// What became of some users.
#[derive(Default)]
struct Part {
    moved: Moved,
    /// How many are in somebody's hands.
    busy: usize,
    /// Why the last of those whom it could not move was not moved.
    error: Option<String>,
}

/// Brings the members of a bucket in line with its query.
///
/// # Errors
///
/// Why the query cannot be run.
pub fn refresh(
    context: &Context,
    registry: &Registry,
    bucket: &Refresh,
    waits: bool,
) -> Result<Moved, String> {
    let Some(number) = registry.by_id(&bucket.bucket) else {
        return Ok(Moved::default());
    };
    let started = clock::now();
    let begun = std::time::Instant::now();
    let wanted = members(context, bucket, true).map_err(|failure| failure.message)?;
    let took = Span(i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX));
    let refreshing = Refreshing {
        context,
        registry,
        bucket,
        number,
        run: match bucket.mode.as_str() {
            "fill" => run::FILL,
            "review" => run::REVIEW,
            _ => run::REQUERY,
        }
        .muted(bucket.muted),
        waits,
    };
    let mut part = Part::default();
    let (steps, leaves_at) = refreshing.compare(&wanted, started, &mut part);
    let complete = waits || steps.len() < MOST;
    steps.rewind();
    loop {
        let chunk: Vec<(String, Step)> = std::iter::from_fn(|| steps.next())
            .map(|(user, number)| (user, decode(number)))
            .take(PASS)
            .collect();
        refreshing.settle(&chunk, &mut part);
        if chunk.len() < PASS {
            break;
        }
    }
    let rest = clock::now().plus(Span(took.0.saturating_mul(REST)).max(SHORTEST_REST));
    let soon = if part.busy > 0 {
        Some(rest)
    } else {
        leaves_at.map(|at| at.max(rest))
    };
    let due_at = if complete {
        soon.into_iter()
            .chain([started.plus(bucket.every)])
            .min()
            .unwrap_or(rest)
    } else {
        clock::now()
    };
    let Tally { entered, left, .. } = part.moved.tally.of_asked();
    let done = Done {
        complete,
        settled: complete && part.busy == 0,
        started,
        due_at,
        took,
        returned: wanted.len(),
        entered,
        left,
        error: part.error,
    };
    Session::write(context, |session| {
        refreshes::done(session, &bucket.bucket, &done);
    });
    steps.close();
    wanted.close();
    Ok(part.moved)
}

fn encode(step: Step) -> i32 {
    match step {
        Step::Join => 1,
        Step::Leave { .. } => 2,
        Step::LetGo => 3,
    }
}

fn decode(number: i32) -> Step {
    match number {
        1 => Step::Join,
        2 => Step::Leave {
            entered_at: Instant(0),
        },
        _ => Step::LetGo,
    }
}

impl Refreshing<'_> {
    /// Who is to be looked at, in byte order; and when the first of those may leave whom min_dwell
    /// keeps in. Contacts that are missing are created here, before any is locked, so that two
    /// statements do not wait for each other in a circle.
    fn compare(&self, wanted: &Spool, now: Instant, part: &mut Part) -> (Spool, Option<Instant>) {
        let steps = Spool::of_numbered_users();
        let policy = &self.registry.bucket(self.number).policy;
        let mut leaves_at: Option<Instant> = None;
        let anew = self.bucket.mode == "fill";
        Session::write(self.context, |session| {
            if anew {
                refreshes::let_all_go(session, &self.bucket.bucket);
            }
            let mut merge = Merge::begin(session, &self.bucket.bucket, wanted, anew);
            let mut chunk: Vec<(String, Step)> = Vec::new();
            while self.waits || steps.len() < MOST {
                let step = merge.next();
                let is_last = step.is_none();
                match step {
                    Some((_, Step::Leave { entered_at }))
                        if policy.earliest_leave(entered_at) > Some(now) =>
                    {
                        let at = policy.earliest_leave(entered_at);
                        leaves_at = leaves_at.into_iter().chain(at).min();
                    }
                    step => chunk.extend(step),
                }
                if is_last || chunk.len() == PASS {
                    self.introduce(session, &mut chunk, part);
                    for (user, step) in chunk.drain(..) {
                        steps.put(&user, encode(step));
                    }
                }
                if is_last {
                    break;
                }
            }
            merge.close();
        });
        (steps, leaves_at)
    }

    /// Leaves out those who are deleted, and makes contacts of those nobody has heard of, whom other
    /// buckets may have to do with from then on.
    fn introduce(&self, session: &Session, chunk: &mut Vec<(String, Step)>, part: &mut Part) {
        let joiners = |chunk: &Vec<(String, Step)>| -> Vec<String> {
            let joins = chunk.iter().filter(|(_, step)| *step == Step::Join);
            joins.map(|(user, _)| user.clone()).collect()
        };
        let users = joiners(chunk);
        if users.is_empty() {
            return;
        }
        let (tally, outbox) = session.nested(|session| {
            let users: Vec<&str> = users.iter().map(String::as_str).collect();
            let known = refreshes::acquaintances(session, &users);
            let of = |wanted: Acquaintance| {
                let pairs = users.iter().zip(&known);
                let found = pairs.filter(move |(_, known)| **known == wanted);
                found.map(|(user, _)| *user).collect::<Vec<&str>>()
            };
            let deleted = of(Acquaintance::Deleted);
            let mut gone = deleted.into_iter().peekable();
            chunk.retain(|(user, step)| {
                *step != Step::Join || gone.next_if(|gone| gone == user).is_none()
            });
            let unknown = of(Acquaintance::Unknown);
            let mut outbox = Outbox::default();
            let mut appeared: Vec<Subject> = Vec::new();
            if !unknown.is_empty() {
                let made = contacts::create_missing(session, &unknown);
                // They are aliases since the query ran; the next refresh takes them for whom they are.
                chunk.retain(|(user, _)| made.aliases.iter().all(|(alias, _)| alias != user));
                for user in made.created {
                    let mut subject = Subject::of_statement(&user);
                    subject.appears();
                    appeared.push(subject);
                }
                appeared.sort_unstable_by(|a, b| a.user.cmp(&b.user));
            }
            let run = match self.run.joining {
                Joining::Announced => run::DATA,
                _ => run::FILL,
            };
            let run = run.muted(self.run.muted);
            let pipeline = Pipeline::new(session, self.registry);
            let tally = pipeline.welcome(&mut appeared, run, &mut outbox);
            (tally, outbox)
        });
        part.moved.outbox.absorb(outbox);
        part.moved.elsewhere.add(tally);
    }

    /// Looks at users together, and if that fails in halves, until the one that fails is alone: the
    /// next refresh tries again, and the others go on.
    fn settle(&self, chunk: &[(String, Step)], part: &mut Part) {
        if chunk.is_empty() {
            return;
        }
        let result = attempt(|| Session::write(self.context, |session| self.look(session, chunk)));
        match (result, chunk) {
            (Ok((tally, outbox, busy)), _) => {
                part.moved.tally.add(tally);
                part.moved.outbox.absorb(outbox);
                part.busy += busy;
            }
            (Err(error), [(user, step)]) => {
                part.error = Some(format!("user \"{user}\" could not be moved: {error}"));
                if *step == Step::Join {
                    Session::write(self.context, |session| self.hold_out(session, &[user]));
                }
            }
            (Err(_), chunk) => {
                let (first, second) = chunk.split_at(chunk.len() / 2);
                self.settle(first, part);
                self.settle(second, part);
            }
        }
    }

    fn look(&self, session: &Session, chunk: &[(String, Step)]) -> (Tally, Outbox, usize) {
        let users = |wanted: fn(&Step) -> bool| -> Vec<&str> {
            let found = chunk.iter().filter(|(_, step)| wanted(step));
            found.map(|(user, _)| user.as_str()).collect()
        };
        let movers = users(|step| *step != Step::LetGo);
        let locked = (!self.waits).then(|| contacts::try_lock(session, &movers));
        let mut subjects: Vec<Subject> = chunk
            .iter()
            .filter(|(user, step)| {
                *step != Step::LetGo && locked.as_ref().is_none_or(|locked| locked.contains(user))
            })
            .map(|(user, step)| {
                // Of what is known of them nothing changes.
                let mut subject = Subject::of_statement(user);
                subject.buckets.insert(self.number);
                subject.wanted = Some(*step == Step::Join);
                subject.absent_at = self.bucket.refreshed_at;
                subject
            })
            .collect();
        let busy = movers.len() - subjects.len();
        let pipeline = Pipeline::new(session, self.registry);
        let mut outbox = Outbox::default();
        let tally = pipeline.run(&mut subjects, self.run, &mut outbox);
        let joiners = users(|step| *step == Step::Join);
        if tally.of_asked().entered < joiners.len() as i64 {
            self.hold_out(session, &joiners);
        }
        let gone = users(|step| *step == Step::LetGo);
        refreshes::let_go(session, &self.bucket.bucket, &gone);
        (tally, outbox, busy)
    }

    fn hold_out(&self, session: &Session, users: &[&str]) {
        let since = self.bucket.refreshed_at;
        refreshes::hold_out(session, &self.bucket.bucket, users, since);
    }
}
