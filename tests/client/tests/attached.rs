//! Attached tables: who is where does not depend on whether somebody writes to `user_events` or to a table of their own.

use anyhow::{Result, ensure};
use hogsend_client_tests::{cluster, reconcile, with_extension};
use hogsend_harness::Options;
use postgres::Client;
use std::fmt::Write as _;

const CSV: &str = include_str!("../../demo/cdnow_sample.csv");

const BUCKETS: &str = "
    SELECT hogsend_define_bucket('three', hogsend_event('purchase', within => '90 days', at_least => 3));
    SELECT hogsend_define_bucket('lapsed', hogsend_all(hogsend_event('purchase'), hogsend_event('purchase', within => '60 days', never => true)));
    SELECT hogsend_define_bucket('once', hogsend_event('purchase', within => '180 days', exactly => 1));
    SELECT hogsend_define_bucket('large', hogsend_event('purchase', within => '90 days', at_least => 2, filter => hogsend_property('$value', 'gte', 40)));
    SELECT hogsend_define_bucket('last-small', hogsend_last('purchase', matching => hogsend_property('cds', 'lte', 1)));
    SELECT hogsend_define_bucket('earlier', hogsend_event('purchase', within => '60 days', older_than => '30 days'))";

/// So that the same things happen on both sides.
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

/// Statements that do the same: to the shop's table, and to the events by hand.
struct Both {
    shop: String,
    by_hand: String,
}

/// A day of the file, and what is corrected on it, refunded, moved to another customer and deleted.
fn day(rows: &[(usize, &str, &str, &str, &str)], dice: &mut Dice) -> Both {
    let (mut shop, mut by_hand) = (String::new(), String::new());
    let mut orders = Vec::new();
    let mut events = Vec::new();
    for (n, user, day, cds, dollars) in rows {
        orders.push(format!(
            "({n}, '{user}', '{day} 12:00+00', {cds}, {dollars}, 'paid')"
        ));
        events.push(format!(
            "('{user}', 'purchase', '{day} 12:00+00', {dollars}, '{{\"cds\": {cds}}}', '{n}')"
        ));
    }
    let _ = write!(shop, "INSERT INTO orders VALUES {}", orders.join(", "));
    let _ = write!(
        by_hand,
        "INSERT INTO user_events (user_id, event, occurred_at, value, properties, source) VALUES {}",
        events.join(", ")
    );
    let last = rows.last().map_or(1, |row| row.0 as u64);
    for _ in 0..2 {
        let n = dice.below(last) + 1;
        let (to_order, to_event) = match dice.below(4) {
            0 => (
                format!("UPDATE orders SET dollars = dollars + 30, cds = cds + 1 WHERE id = {n}"),
                format!(
                    "UPDATE user_events SET value = value + 30, properties = jsonb_build_object('cds', (properties ->> 'cds')::int + 1)
                     WHERE source = '{n}'"
                ),
            ),
            1 => (
                format!("UPDATE orders SET status = 'refunded' WHERE id = {n}"),
                format!("DELETE FROM user_events WHERE source = '{n}'"),
            ),
            2 => (
                format!("DELETE FROM orders WHERE id = {n}"),
                format!("DELETE FROM user_events WHERE source = '{n}'"),
            ),
            _ => (
                format!("UPDATE orders SET placed_at = placed_at - interval '20 days' WHERE id % 97 = {n} % 97"),
                format!("UPDATE user_events SET occurred_at = occurred_at - interval '20 days' WHERE source::int % 97 = {n} % 97"),
            ),
        };
        let _ = write!(shop, ";\n{to_order}");
        let _ = write!(by_hand, ";\n{to_event}");
    }
    Both { shop, by_hand }
}

fn members(client: &mut Client) -> Result<Vec<(String, String)>> {
    let rows = client.query(
        "SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2",
        &[],
    )?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

#[test]
fn both_ways_end_in_the_same_members() -> Result<()> {
    let cluster = cluster(Options::default);
    let databases = [
        with_extension(cluster, "attached_shop")?,
        with_extension(cluster, "attached_by_hand")?,
    ];
    let mut shop = databases[0].connect()?;
    let mut by_hand = databases[1].connect()?;
    shop.batch_execute(
        "CREATE TABLE orders (
             id int PRIMARY KEY, customer text, placed_at timestamptz, cds int, dollars numeric, status text);
         SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'purchase'$$,
             occurred_at => 'placed_at', value => 'dollars', properties => '{cds}', condition => $$status = 'paid'$$)",
    )?;
    for client in [&mut shop, &mut by_hand] {
        client.batch_execute("SET hogsend.now = '1996-12-31 00:00+00'")?;
        client.batch_execute(BUCKETS)?;
    }
    let mut rows: Vec<Vec<&str>> = CSV
        .lines()
        .skip(1)
        .map(|line| line.trim().split(',').collect())
        .collect();
    rows.sort_by_key(|row| row[1]);
    let rows: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(n, row)| (n + 1, row[0], row[1], row[2], row[3]))
        .collect();
    let mut dice = Dice(7);
    let mut compared = 0;
    for (number, today) in rows.chunk_by(|a, b| a.2 == b.2).enumerate() {
        let both = day(today, &mut dice);
        for (client, statements) in [(&mut shop, &both.shop), (&mut by_hand, &both.by_hand)] {
            client.batch_execute(&format!("SET hogsend.now = '{} 12:00+00'", today[0].2))?;
            for statement in statements.split(";\n") {
                client.batch_execute(statement)?;
            }
        }
        if number % 40 == 0 {
            reconcile(&mut shop)?;
            reconcile(&mut by_hand)?;
            let (found, wanted) = (members(&mut shop)?, members(&mut by_hand)?);
            ensure!(
                found == wanted,
                "on {} {} members are not {}",
                today[0].2,
                found.len(),
                wanted.len()
            );
            compared += wanted.len();
        }
    }
    ensure!(compared > 5_000, "only {compared} members were compared");
    let digest = "SELECT concat_ws(' ', count(*), md5(string_agg(e::text, ',' ORDER BY e::text)))
         FROM (SELECT user_id, occurred_at, value, properties FROM user_events) e";
    let of_shop: String = shop.query_one(digest, &[])?.get(0);
    let of_hand: String = by_hand.query_one(digest, &[])?.get(0);
    ensure!(
        of_shop == of_hand,
        "the events are {of_shop}, not {of_hand}"
    );
    Ok(())
}
