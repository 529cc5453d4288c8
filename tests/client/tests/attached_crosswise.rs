//! Several sessions write rows about the same few people to attached tables, in whatever order their statements name
//! them: nobody waits for anybody in a circle, and in the end the tables, the events, the contacts and the members agree.

use anyhow::{Context, Result, ensure};
use hogsend_client_tests::{cluster, reconcile, with_extension};
use hogsend_harness::{Options, TestDatabase};
use postgres::Client;
use postgres::error::SqlState;

const SESSIONS: u64 = 6;
const PEOPLE: u64 = 18;
const STATEMENTS: u64 = 120;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// A session, which has orders and people of its own, so that no two wait for a row of the user's tables: the orders are
/// of everybody.
struct Session {
    number: u64,
    orders: u64,
    dice: Dice,
}

impl Session {
    /// An order of its own.
    fn order(&mut self) -> String {
        let n = self.dice.below(self.orders.max(1));
        (self.number * 1_000_000 + n).to_string()
    }

    fn orders(&mut self, count: usize) -> String {
        let ids: Vec<String> = (0..count).map(|_| self.order()).collect();
        ids.join(", ")
    }

    fn person(&mut self) -> String {
        format!("'p{}'", self.dice.below(PEOPLE))
    }

    /// People of its own, by their numbers.
    fn people(&self) -> String {
        format!("substr(id, 2)::int % {SESSIONS} = {}", self.number)
    }

    fn statement(&mut self) -> String {
        match self.dice.below(6) {
            0 | 1 => {
                let rows = (0..4).map(|_| {
                    let id = self.number * 1_000_000 + self.orders;
                    self.orders += 1;
                    let person = self.person();
                    format!("({id}, {person}, {}, 'paid')", self.dice.below(100))
                });
                let rows: Vec<String> = rows.collect();
                format!("INSERT INTO orders VALUES {}", rows.join(", "))
            }
            2 => {
                let (person, orders) = (self.person(), self.orders(3));
                format!(
                    "UPDATE orders SET customer = CASE id % 2 WHEN 0 THEN {person} ELSE customer END, amount = amount + 1 WHERE id IN ({orders})"
                )
            }
            3 => format!("DELETE FROM orders WHERE id IN ({})", self.orders(2)),
            4 => format!(
                "UPDATE orders SET status = CASE status WHEN 'paid' THEN 'refunded' ELSE 'paid' END WHERE id IN ({})",
                self.orders(3)
            ),
            _ => format!(
                "UPDATE users SET plan = CASE plan WHEN 'pro' THEN 'free' ELSE 'pro' END WHERE {}",
                self.people()
            ),
        }
    }

    /// Statements by themselves, of which none may fail.
    fn alone(&mut self, database: &TestDatabase) -> Result<()> {
        let mut client = database.connect()?;
        for _ in 0..STATEMENTS {
            let statement = self.statement();
            client
                .batch_execute(&statement)
                .with_context(|| statement)?;
        }
        Ok(())
    }

    /// Transactions of two, which may name people in whatever order, and be ended by a deadlock, as everywhere.
    fn in_pairs(&mut self, database: &TestDatabase) -> Result<()> {
        let mut client = database.connect()?;
        client.batch_execute("SET deadlock_timeout = '50ms'")?;
        for _ in 0..STATEMENTS / 4 {
            let both = format!("BEGIN; {}; {}; COMMIT", self.statement(), self.statement());
            if let Err(error) = client.batch_execute(&both) {
                ensure!(
                    error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED),
                    "{both}: {error:?}"
                );
                client.batch_execute("ROLLBACK")?;
            }
        }
        Ok(())
    }
}

/// All sessions at once.
fn at_once(
    sessions: &mut [Session],
    work: impl Fn(&mut Session) -> Result<()> + Sync,
) -> Result<()> {
    std::thread::scope(|scope| {
        let work = &work;
        let sessions = sessions.iter_mut();
        let running: Vec<_> = sessions
            .map(|session| scope.spawn(move || work(session)))
            .collect();
        let mut done = running
            .into_iter()
            .map(|session| session.join().expect("a session panicked"));
        done.try_for_each(|result| result)
    })
}

fn check(client: &mut Client) -> Result<()> {
    reconcile(client)?;
    for query in [
        "SELECT v::text FROM hogsend_verify_feed('orders') v",
        "SELECT v::text FROM hogsend_verify_feed('users') v",
        "SELECT b.id || ': ' || v FROM buckets b, hogsend_verify(b.id) v",
    ] {
        let wrong = client.query(query, &[])?;
        let wrong: Vec<String> = wrong.iter().map(|row| row.get(0)).collect();
        ensure!(wrong.is_empty(), "{query}: {wrong:?}");
    }
    Ok(())
}

#[test]
fn sessions_crosswise_on_attached_tables_agree() -> Result<()> {
    let database = with_extension(cluster(Options::default), "attached_crosswise")?;
    let mut client = database.connect()?;
    client.batch_execute(&format!(
        "SELECT hogsend_define_bucket('three', hogsend_event('purchase', within => '30 days', at_least => 3));
         SELECT hogsend_define_bucket('never', hogsend_event('purchase', within => '30 days', never => true));
         SELECT hogsend_define_bucket('pro', hogsend_all(hogsend_property('plan', 'eq', 'pro'),
             hogsend_event('purchase', within => '30 days', filter => hogsend_property('$value', 'gte', 50))));
         CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric, status text, placed_at timestamptz NOT NULL DEFAULT now());
         CREATE TABLE users (id text PRIMARY KEY, plan text);
         INSERT INTO users SELECT 'p' || n, 'free' FROM generate_series(0, {PEOPLE} - 1) n;
         SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'purchase'$$,
             occurred_at => 'placed_at', value => 'amount', condition => $$status = 'paid'$$);
         SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{{plan}}')"
    ))?;
    let mut sessions: Vec<Session> = (0..SESSIONS)
        .map(|number| Session {
            number,
            orders: 0,
            dice: Dice(number + 1),
        })
        .collect();
    at_once(&mut sessions, |session| session.alone(&database))?;
    check(&mut client)?;
    let left_out: i64 = client
        .query_one("SELECT sum(rows_failed)::bigint FROM bucket_feeds", &[])?
        .get(0);
    ensure!(left_out == 0, "{left_out} rows were left out");
    at_once(&mut sessions, |session| session.in_pairs(&database))?;
    // A row of users that was the victim of a deadlock is left out, and comes with the next import.
    client.batch_execute("CALL hogsend_import('users')")?;
    check(&mut client)?;
    let events: i64 = client
        .query_one("SELECT count(*) FROM user_events", &[])?
        .get(0);
    ensure!(events > 100, "{events} events are left");
    Ok(())
}
