//! What bears on a membership besides the criteria: the bucket's state, the contact, the stay and
//! its limits, and whether the clock is behind.

mod rules;

use hogsend_core::criteria::{Facts, Precision};
use hogsend_core::outlook::next_change;
use hogsend_core::stay::{Change, Ended, Reason, Stay};
use hogsend_core::time::{Instant, Span};
use pgrx::pg_sys;

use super::Row;
use super::deep_facts::DeepFacts;
use super::instant::say;
use crate::pg::sql::{Arg, Session, Statement};
use crate::registry::{Bucket, OpenJob};
use crate::store::stays::EVERY_BUCKET;
use crate::store::{definitions, jobs, stays};

/// As many characters of a user's own error are shown.
const ERROR_SHOWN: usize = 200;

static AROUND: Statement = Statement::new(
    "SELECT (SELECT c.deleted_at FROM {s}.contacts c WHERE c.user_id = $1),
            (SELECT m.source FROM {s}.bucket_memberships m
             WHERE m.user_id = $1 AND m.bucket_id = $2 ORDER BY m.entry_count DESC LIMIT 1),
            (SELECT t.due_at FROM {s}.bucket_timers t WHERE t.user_id = $1 AND t.bucket_id = $2),
            coalesce(
                (SELECT t.error FROM {s}.bucket_timers t WHERE t.user_id = $1 AND t.bucket_id = $2)
                {+, (SELECT (array_agg(q.error ORDER BY q.id))[1] FROM {s}.user_queue q WHERE q.user_id = $1)+}),
            least((SELECT t.due_at FROM {s}.bucket_timers t WHERE t.user_id = $1 AND t.bucket_id = $3)
                  {+, (SELECT min(q.queued_at) FROM {s}.user_queue q WHERE q.user_id = $1)+}),
            (SELECT (array_agg(j.error ORDER BY j.id DESC))[1] FROM {s}.bucket_jobs j
             WHERE j.bucket_id = $2 AND j.status = 'failed')
            , {+(SELECT m.announced FROM {s}.bucket_memberships m
             WHERE m.user_id = $1 AND m.bucket_id = $2 ORDER BY m.entry_count DESC LIMIT 1)+|NULL::boolean+}",
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::TEXTOID],
);

/// All that bears on one pair now.
pub struct Bearing<'a> {
    bucket: &'a Bucket,
    known: &'a DeepFacts,
    now: Instant,
    /// How exactly instants are said.
    precision: Precision,
    enabled: bool,
    suspended: bool,
    /// The clock does what is due for this pair.
    works: bool,
    /// The bucket's job has yet to come to the user.
    unreached: bool,
    /// Why it will not.
    job_error: Option<String>,
    deleted_at: Option<Instant>,
    /// The latest stay, active or ended, and what began it.
    stay: Option<Stay>,
    source: Option<String>,
    /// Whether somebody was told of its entry; `None` where that was not noted.
    announced: Option<bool>,
    /// When the clock looks again, and why its last look came to nothing.
    look_at: Option<Instant>,
    error: Option<String>,
    /// When it looks at all of the user's buckets.
    queued_at: Option<Instant>,
    /// What the clock does next.
    next: Option<(Instant, Change)>,
}

impl<'a> Bearing<'a> {
    pub fn load(
        session: &Session,
        bucket: &'a Bucket,
        user: &str,
        known: &'a DeepFacts,
        now: Instant,
    ) -> Bearing<'a> {
        let arguments = [
            Arg::Text(user),
            Arg::Text(&bucket.id),
            Arg::Text(EVERY_BUCKET),
        ];
        let around = session.execute(&AROUND, &arguments);
        let error = |column| {
            let text = around.text(0, column)?;
            Some(text.chars().take(ERROR_SHOWN).collect())
        };
        let (users, buckets) = ([user], [bucket.id.as_str()]);
        let stay = stays::latest(session, &users, &buckets).swap_remove(0);
        let enabled = definitions::is_enabled(session, &bucket.id);
        let suspended = definitions::suspended(session);
        let works = enabled && !suspended && known.live_contact();
        let criteria = bucket.criteria.as_ref();
        Bearing {
            bucket,
            known,
            now,
            precision: precision(bucket),
            enabled,
            suspended,
            works,
            unreached: bucket.job.is_some() && jobs::unreached(session, &users, &buckets)[0],
            job_error: error(6),
            deleted_at: around.instant(0, 1),
            source: around.text(0, 2).map(str::to_owned),
            announced: around.bool(0, 7),
            look_at: around.instant(0, 3),
            error: error(4),
            queued_at: around.instant(0, 5),
            next: works
                .then(|| next_change(&bucket.policy, criteria, known, stay.as_ref(), now))
                .and_then(|next| next.unwrap_or(None)),
            stay,
        }
    }

    /// The rows; `scope` is there when the user is out of it.
    pub fn rows(&self, scope: Option<Row>) -> Vec<Row> {
        let mut rows: Vec<Row> = [self.enabled(), self.suspended(), self.job(), self.contact()]
            .into_iter()
            .flatten()
            .collect();
        rows.extend(scope);
        rows.push(self.membership());
        rows.extend(self.min_dwell());
        rows.extend(self.max_dwell().or_else(|| self.timed_out()));
        rows.extend(self.dwell());
        rows.extend(self.entry_limit());
        rows.extend(self.quiet());
        rows
    }

    fn enabled(&self) -> Option<Row> {
        let observed = "disabled; members stay in, nothing is evaluated or announced";
        (!self.enabled).then(|| row("enabled", "the bucket is enabled", false, observed))
    }

    fn suspended(&self) -> Option<Row> {
        let condition = "hogsend is active in this database";
        let observed = "a restored copy; nothing is evaluated until SELECT hogsend_adopt()";
        self.suspended
            .then(|| row("suspended", condition, false, observed))
    }

    fn job(&self) -> Option<Row> {
        let (path, condition) = match self.bucket.job? {
            OpenJob::Backfill => ("backfill", "the first backfill is complete"),
            OpenJob::Reevaluation => ("reevaluation", "the re-evaluation is complete"),
        };
        let mut observed = String::from(if self.unreached {
            "it has not come to this user yet"
        } else {
            "it has been with this user, and goes on with others"
        });
        if let Some(error) = &self.job_error {
            observed.push_str(&format!("; it failed: {error}"));
        }
        Some(row(path, condition, false, observed))
    }

    fn contact(&self) -> Option<Row> {
        if self.known.live_contact() {
            return None;
        }
        let observed = match self.deleted_at {
            Some(at) => format!("deleted on {}", self.say(at)),
            None => "not a known contact".into(),
        };
        Some(row("contact", "a live contact", false, observed))
    }

    fn membership(&self) -> Row {
        let active = self.active().is_some();
        let member = active && self.known.live_contact();
        let mut observed = match &self.stay {
            None => "never a member".into(),
            Some(stay) => match stay.ended {
                None => self.standing(stay),
                Some(ended) => self.departure(stay, ended),
            },
        };
        if active && !member {
            observed.push_str("; but without a live contact nobody counts as a member");
        }
        let mut flips_at = self.next.map(|(at, _)| at);
        match self.next {
            Some((at, change)) if at <= self.now => {
                let (overdue, look_at) = self.overdue(change);
                observed.push_str(&overdue);
                flips_at = look_at;
            }
            _ if self.queued_at.is_some() => {
                observed.push_str("; queued for a fresh look by hogsend_reconcile()");
            }
            _ => {}
        }
        if let Some(error) = &self.error {
            observed.push_str(&format!("; the last look failed: {error}"));
        }
        Row {
            flips_at,
            ..row("membership", "is a member now", member, observed)
        }
    }

    /// Since when the user is in, and how that came.
    fn standing(&self, stay: &Stay) -> String {
        let entry = match stay.entry_count {
            1 => "first entry".into(),
            n => format!("entry {n}"),
        };
        let source = match self.source.as_deref() {
            Some("event") => ", by new data",
            Some("reconcile") => ", by the clock",
            Some("backfill") => ", by a backfill",
            Some("manual") => ", by hand",
            _ => "",
        };
        let anchor = stay.dwell_anchor_at.map_or_else(String::new, |at| {
            format!("; dwell counts from {}", self.say(at))
        });
        // That a backfill announces nobody need not be said.
        let silent = match (self.announced, self.source.as_deref()) {
            (Some(false), Some(source)) if source != "backfill" => ", not announced",
            _ => "",
        };
        let since = self.say(stay.entered_at);
        format!("since {since}; {entry}{source}{silent}{anchor}")
    }

    /// When and why the user left.
    fn departure(&self, past: &Stay, ended: Ended) -> String {
        let because = match ended.reason {
            Reason::Criteria => "because the criteria no longer held",
            Reason::MaxDwell => "because the time was up",
            Reason::Manual => "by hand",
            Reason::BucketDeleted => "because the bucket was deleted",
            Reason::Deleted => "because the contact was deleted",
            Reason::Merged => "because it was the stay of somebody who is known under another id",
        };
        let entries = match past.entry_count {
            1 => "1 entry".into(),
            n => format!("{n} entries"),
        };
        let on = self.say(ended.left_at);
        format!("left on {on} {because}; {entries} so far")
    }

    /// What is stored lags behind what is true: who will see to it, and when that is known.
    fn overdue(&self, change: Change) -> (String, Option<Instant>) {
        let joins = matches!(change, Change::Join { .. });
        let due = if joins { "due to join" } else { "due to leave" };
        let look_at = self.look_at.into_iter().chain(self.queued_at).min();
        match (self.bucket.job, look_at) {
            (Some(_), _) if self.unreached => {
                (format!("; {due} when the job comes to this user"), None)
            }
            (Some(OpenJob::Backfill), _) if joins => {
                (format!("; {due} once the backfill is complete"), None)
            }
            (_, Some(at)) if at <= self.now => {
                let since = self.say(at);
                let told = format!("; {due} since {since}: hogsend_reconcile() will see to it");
                (told, look_at)
            }
            (_, Some(at)) => {
                let on = self.say(at);
                let told = format!("; {due}: hogsend_reconcile() will see to it on {on}");
                (told, look_at)
            }
            (_, None) => (format!("; {due}, but no timer is set for it"), None),
        }
    }

    fn active(&self) -> Option<&Stay> {
        self.stay.as_ref().filter(|stay| stay.ended.is_none())
    }

    /// An instant at which the clock will act, if it has not come yet.
    fn coming(&self, at: Instant) -> Option<Instant> {
        (at > self.now && self.works).then_some(at)
    }

    fn say(&self, at: Instant) -> String {
        say(at, self.precision)
    }
}

fn row(path: &str, condition: impl Into<String>, result: bool, observed: impl Into<String>) -> Row {
    Row {
        path: path.into(),
        condition: condition.into(),
        result: Some(result),
        observed: observed.into(),
        flips_at: None,
    }
}

/// Instants are said as exactly as the shortest length of the definition asks for.
fn precision(bucket: &Bucket) -> Precision {
    let policy = &bucket.policy;
    let dwell = policy.dwell.iter().map(|schedule| schedule.interval);
    let lengths = policy.min_dwell.into_iter().chain(policy.max_dwell);
    let shortest: Option<Span> = lengths.chain(dwell).min();
    let criteria = bucket.criteria.as_ref();
    let windows = criteria.map(|criteria| Precision::beside_all(criteria.root()));
    [windows, shortest.map(Precision::beside)]
        .into_iter()
        .flatten()
        .max()
        .unwrap_or(Precision::Minute)
}
