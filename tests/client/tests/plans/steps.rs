//! The ways in, one after the other: each step is a statement, and what it is about.

#[path = "steps/clock.rs"]
mod clock;
#[path = "steps/data.rs"]
mod data;
#[path = "steps/definitions.rs"]
mod definitions;
#[path = "steps/journeys.rs"]
mod journeys;
#[path = "steps/names.rs"]
mod names;
#[path = "steps/nested.rs"]
mod nested;
#[path = "steps/reading.rs"]
mod reading;
#[path = "steps/totals.rs"]
mod totals;

use super::about::EVERYTHING;

/// The present. In an hour more the events of the users of a step leave their windows.
const NOW: &str = "2026-01-20 12:00+00";
/// The jobs that a correction of the clock begins would come before all that follow.
const END_JOBS: &str = "UPDATE bucket_jobs SET status = 'done' WHERE status <> 'done'";

/// A statement, by what it is about: so many users, or pairs, or rows that are due.
pub struct Step {
    pub about: u64,
    pub sql: String,
}

/// Steps about users whose ids begin with `u`.
pub struct Steps<'u> {
    u: &'u str,
    all: Vec<Step>,
}

impl Steps<'_> {
    fn add(&mut self, about: u64, sql: &str) {
        let sql = sql.replace("{u}", self.u).replace("{now}", NOW);
        self.all.push(Step { about, sql });
    }
}

/// All of them in their order, in which what is stored by one is what the next is about.
pub fn steps(u: &str, direct: bool) -> Vec<Step> {
    let mut steps = Steps { u, all: Vec::new() };
    steps.add(0, "SET hogsend.now = '{now}'");
    if !direct {
        steps.add(0, "SET hogsend.test_no_direct = on");
    }
    data::of_one(&mut steps);
    data::of_many(&mut steps);
    data::documents(&mut steps);
    data::by_hand(&mut steps);
    clock::turns(&mut steps);
    definitions::jobs(&mut steps);
    reading::questions(&mut steps);
    reading::consumers(&mut steps);
    clock::queue(&mut steps);
    definitions::query(&mut steps);
    nested::buckets(&mut steps);
    names::identities(&mut steps);
    names::tables(&mut steps);
    journeys::runs(&mut steps);
    totals::totals(&mut steps);
    // Who goes.
    steps.add(100, "SELECT hogsend_forget_user('{u}3')");
    steps.add(1, "SELECT hogsend_ingest('{u}3', 'buy')");
    // Or nobody would be told of as where nobody was erased.
    steps.add(0, "TRUNCATE bucket_erasures");
    steps.all
}

/// What has to come last, because every table that is emptied has its plans made anew.
pub fn last() -> Vec<Step> {
    let few = "DELETE FROM bucket_memberships WHERE user_id LIKE 'f%' AND user_id > 'f00100'";
    let fewer = [few.to_owned()].into_iter();
    // How few contacts there are decides whether each is asked for an event that nobody knows.
    let unheard = "BEGIN; TRUNCATE contacts;
        INSERT INTO contacts (user_id) SELECT 'f' || to_char(n, 'FM00000') FROM generate_series(1, 100) n;
        INSERT INTO buckets (id, criteria) VALUES ('unheard', hogsend_event('unheard')); ROLLBACK";
    let fewer = fewer.chain([unheard.to_owned()]);
    // Somebody is under way.
    let begins = "INSERT INTO journeys (id, starts_on) VALUES ('last', '{last}');
        INSERT INTO user_events (user_id, event) VALUES ('f00001', 'last')";
    let fewer = fewer.chain([begins.to_owned()]);
    let tables = [
        "user_events",
        "contacts",
        "buckets",
        "journeys",
        "bucket_transitions",
    ];
    let empty = tables.map(|table| format!("BEGIN; TRUNCATE {table}; ROLLBACK"));
    let about = EVERYTHING;
    let step = |sql| Step { about, sql };
    // Buckets that come together are filled together only where nobody's trigger is in between.
    let together = "BEGIN; DROP TRIGGER fail ON bucket_memberships;
        INSERT INTO buckets (id, criteria) SELECT 'rare-' || n, hogsend_event('sell', within => make_interval(days => n)) FROM generate_series(20, 22) n;
        DELETE FROM buckets WHERE id LIKE 'rare-%'; ROLLBACK";
    let together = Step {
        about: 15000,
        sql: together.to_owned(),
    };
    // And who attaches a table asks for the numbers of rows only where nothing of ours is altered.
    let plain = "BEGIN; DROP TRIGGER fail ON bucket_memberships; DROP TRIGGER fail ON bucket_jobs;
        CREATE TABLE plain (id bigint PRIMARY KEY, customer text, at timestamptz);
        SELECT hogsend_attach_events('plain', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at');
        INSERT INTO plain VALUES (1, 'f00001', '2026-01-20 12:00+00'); ROLLBACK";
    let plain = Step {
        about: 8000,
        sql: plain.to_owned(),
    };
    let last = fewer.chain(empty).map(step);
    [together, plain].into_iter().chain(last).collect()
}
