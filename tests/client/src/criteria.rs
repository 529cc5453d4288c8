//! Random criteria and users, full of coincidences, and what the criteria mean, written down a
//! second time and as plainly as possible.
//!
//! Instants are microseconds since [`NOW`], so the past is negative.

use crate::random::Random;
use anyhow::Result;
use postgres::Client;

/// The present of tests with an injected clock.
pub const NOW: &str = "2026-03-01 12:00:00+00";
pub const HOUR: i64 = 3_600_000_000;
/// Times and windows stand on this grid, or one microsecond beside it.
const STEP: i64 = 12 * HOUR;

pub const EVENTS: [&str; 3] = ["buy", "open", "visit"];
const PLANS: [Option<&str>; 3] = [None, Some("free"), Some("pro")];

#[derive(Clone, Debug)]
pub enum Tree {
    Event {
        event: usize,
        check: Check,
        within: Option<i64>,
    },
    /// The property `plan` equals this.
    Plan(&'static str),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

#[derive(Clone, Copy, Debug)]
pub enum Check {
    Exists,
    Never,
    Count(&'static str, usize),
}

#[derive(Debug)]
pub struct User {
    pub id: String,
    /// When each of [`EVENTS`] happened, earliest first.
    pub events: [Vec<i64>; 3],
    pub plan: Option<&'static str>,
}

impl Tree {
    pub fn random(random: &mut Random, depth: usize) -> Tree {
        if depth > 0 && !random.one_in(3) {
            let parts = 2 + random.below(2);
            let parts = (0..parts).map(|_| Tree::random(random, depth - 1));
            let parts = parts.collect();
            return if random.one_in(2) {
                Tree::All(parts)
            } else {
                Tree::Any(parts)
            };
        }
        if random.one_in(6) {
            return Tree::Plan(random.pick(&["free", "pro"]));
        }
        let check = match random.below(6) {
            0 | 1 => Check::Exists,
            2 => Check::Never,
            _ => {
                let operator = random.pick(&["gt", "gte", "lt", "lte", "eq"]);
                Check::Count(operator, random.below(5))
            }
        };
        Tree::Event {
            event: random.below(EVENTS.len()),
            check,
            within: (!random.one_in(4)).then(|| random.between(1, 20) * STEP + beside(random)),
        }
    }

    /// Random criteria that the extension accepts.
    pub fn acceptable(random: &mut Random, client: &mut Client) -> Result<Tree> {
        loop {
            let depth = random.below(4);
            let tree = Tree::random(random, depth);
            let validate = format!("SELECT FROM hogsend_validate('{}')", tree.json());
            if client.query(&validate, &[])?.is_empty() {
                return Ok(tree);
            }
        }
    }

    pub fn json(&self) -> String {
        match self {
            Tree::Plan(plan) => {
                format!(
                    r#"{{"type":"property","property":"plan","operator":"eq","value":"{plan}"}}"#
                )
            }
            Tree::Event {
                event,
                check,
                within,
            } => {
                let check = match check {
                    Check::Exists => r#""check":"exists""#.to_owned(),
                    Check::Never => r#""check":"not_exists""#.to_owned(),
                    Check::Count(operator, value) => {
                        format!(r#""check":"count","operator":"{operator}","value":{value}"#)
                    }
                };
                let within = within.map_or(String::new(), |within| {
                    let (seconds, micros) = (within / 1_000_000, within % 1_000_000);
                    format!(r#","within":{{"seconds":{seconds}.{micros:06}}}"#)
                });
                let event = EVENTS[*event];
                format!(r#"{{"type":"event","eventName":"{event}",{check}{within}}}"#)
            }
            Tree::All(parts) => composite("and", parts),
            Tree::Any(parts) => composite("or", parts),
        }
    }

    /// Whether the user matches now.
    pub fn matches(&self, user: &User) -> bool {
        self.concerns(user, 0) && self.holds(user, 0, user.plan)
    }

    /// The instant at which the criteria last became true, as far as the events alone tell: nobody
    /// wrote down when a property changed, so in the past every property leg is false.
    pub fn true_since(&self, user: &User) -> Option<i64> {
        let mut instants = vec![0];
        self.instants(user, &mut instants);
        instants.retain(|at| *at <= 0);
        instants.sort_unstable();
        let mut since = None;
        for at in instants.into_iter().rev() {
            let concerned = self.concerned_by_events(user, at);
            if !(concerned && self.holds(user, at, None)) {
                break;
            }
            since = Some(at);
        }
        since
    }

    /// Who never did anything that the criteria name is outside them, unless they ask for a property.
    fn concerns(&self, user: &User, at: i64) -> bool {
        self.asks_for_plan() || self.concerned_by_events(user, at)
    }

    fn concerned_by_events(&self, user: &User, at: i64) -> bool {
        match self {
            Tree::Event { event, .. } => count(&user.events[*event], None, at) > 0,
            Tree::Plan(_) => false,
            Tree::All(parts) | Tree::Any(parts) => {
                parts.iter().any(|part| part.concerned_by_events(user, at))
            }
        }
    }

    fn asks_for_plan(&self) -> bool {
        match self {
            Tree::Event { .. } => false,
            Tree::Plan(_) => true,
            Tree::All(parts) | Tree::Any(parts) => parts.iter().any(Tree::asks_for_plan),
        }
    }

    fn holds(&self, user: &User, at: i64, plan: Option<&str>) -> bool {
        match self {
            Tree::Plan(wanted) => plan == Some(*wanted),
            Tree::All(parts) => parts.iter().all(|part| part.holds(user, at, plan)),
            Tree::Any(parts) => parts.iter().any(|part| part.holds(user, at, plan)),
            Tree::Event {
                event,
                check,
                within,
            } => {
                let count = count(&user.events[*event], *within, at);
                match *check {
                    Check::Exists => count > 0,
                    Check::Never => count == 0,
                    Check::Count("gt", n) => count > n,
                    Check::Count("gte", n) => count >= n,
                    Check::Count("lt", n) => count < n,
                    Check::Count("lte", n) => count <= n,
                    Check::Count(_, n) => count == n,
                }
            }
        }
    }

    /// Whenever the truth may have changed: something happened, or left a window.
    fn instants(&self, user: &User, found: &mut Vec<i64>) {
        match self {
            Tree::Plan(_) => {}
            Tree::All(parts) | Tree::Any(parts) => {
                parts.iter().for_each(|part| part.instants(user, found));
            }
            Tree::Event { event, within, .. } => {
                let times = &user.events[*event];
                found.extend(times);
                // Seen at the very last microsecond of the window, and not at the next.
                let left = within.map(|within| times.iter().map(move |at| at + within + 1));
                found.extend(left.into_iter().flatten());
                // What lies in the future counts now, and did not before.
                found.push(-1);
            }
        }
    }
}

fn composite(operator: &str, parts: &[Tree]) -> String {
    let parts: Vec<String> = parts.iter().map(Tree::json).collect();
    format!(
        r#"{{"type":"composite","operator":"{operator}","conditions":[{}]}}"#,
        parts.join(",")
    )
}

/// How many of `times` (earliest first) count at an instant up to now.
fn count(times: &[i64], within: Option<i64>, at: i64) -> usize {
    let happened = if at == 0 {
        times.len()
    } else {
        times.partition_point(|time| *time <= at)
    };
    let too_old = within.map_or(0, |within| times.partition_point(|t| *t < at - within));
    happened.saturating_sub(too_old)
}

fn beside(random: &mut Random) -> i64 {
    match random.below(8) {
        0 => 1,
        1 => -1,
        _ => 0,
    }
}

impl User {
    /// A few occurrences of each event in the last ten days, now and then one in the future.
    pub fn random(random: &mut Random, number: usize) -> User {
        let events = std::array::from_fn(|_| {
            let number = random.pick(&[0, 0, 1, 1, 2, 3, 4, 8]);
            let mut times: Vec<i64> = (0..number)
                .map(|_| random.between(-20, 1) * STEP + beside(random))
                .collect();
            times.sort_unstable();
            times
        });
        User {
            id: format!("u{number:05}"),
            events,
            plan: random.pick(&PLANS),
        }
    }

    /// Hundreds of occurrences, an hour or a few apart, with a longer break now and then.
    pub fn busy(random: &mut Random, number: usize) -> User {
        let events = std::array::from_fn(|_| {
            let mut at = -random.between(0, 12) * HOUR;
            let mut times = Vec::new();
            for _ in 0..random.between(0, 900) {
                times.push(at);
                let pause = if random.one_in(200) { 60 } else { 4 };
                at -= random.between(0, pause) * HOUR;
            }
            times.reverse();
            times
        });
        User {
            id: format!("u{number:05}"),
            events,
            plan: random.pick(&PLANS),
        }
    }
}

/// Stores users with all they did. Before any bucket is defined nothing is evaluated.
pub fn store(client: &mut Client, users: &[User]) -> Result<()> {
    let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
    let plans: Vec<Option<&str>> = users.iter().map(|user| user.plan).collect();
    client.execute(
        "INSERT INTO contacts (user_id, properties)
         SELECT id, CASE WHEN plan IS NULL THEN '{}' ELSE jsonb_build_object('plan', plan) END
         FROM unnest($1::text[], $2::text[]) AS u (id, plan)",
        &[&ids, &plans],
    )?;
    let (mut who, mut what, mut when) = (Vec::new(), Vec::new(), Vec::new());
    for user in users {
        for (times, event) in user.events.iter().zip(EVENTS) {
            for at in times {
                who.push(user.id.as_str());
                what.push(event);
                when.push(*at);
            }
        }
    }
    client.execute(
        &format!(
            "INSERT INTO user_events (user_id, event, occurred_at)
             SELECT who, what, timestamptz '{NOW}' + micros * interval '1 microsecond'
             FROM unnest($1::text[], $2::text[], $3::bigint[]) AS e (who, what, micros)"
        ),
        &[&who, &what, &when],
    )?;
    Ok(())
}
