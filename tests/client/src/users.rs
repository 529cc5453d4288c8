//! Random users who were there before any bucket, and how they are stored. What criteria mean to them is
//! said in tests/model; instants are microseconds since [`NOW`], so the past is negative.

use anyhow::Result;
use hogsend_model::{Document, Facts, Grid, Occurrence, Random, Value, World};
use postgres::Client;

/// The present of tests with an injected clock: where instants are counted from, so that criteria can name
/// them.
pub const NOW: &str = "2000-01-01 00:00:00+00";
pub const HOUR: i64 = 3_600_000_000;
const STEP: i64 = 12 * HOUR;

pub const EVENTS: [&str; 3] = ["buy", "open", "visit"];
/// The last ten days, and now and then something that is yet to come.
pub const WORLD: World = World {
    events: &EVENTS,
    properties: &["plan", "score"],
    buckets: &[],
    numbers: &["1", "2.50", "25e-1"],
    texts: &["free", "pro", "prod"],
    infinities: false,
    is_rich: true,
    measures: false,
    dates: &["born"],
    zone_names: &["zone"],
    zones: &hogsend_model::zones::REAL,
    grid: Grid {
        origin: 0,
        step: STEP,
        times: (-20, 1),
        windows: 20,
    },
};

#[derive(Debug)]
pub struct User {
    pub id: String,
    pub facts: Facts,
}

impl User {
    /// A few occurrences of each event.
    pub fn random(random: &mut Random, number: usize) -> User {
        let mut facts = Facts::random(random, &WORLD);
        facts.properties.get_or_insert_default();
        User::new(number, facts)
    }

    /// Hundreds of occurrences, an hour or a few apart, with a longer break now and then.
    pub fn busy(random: &mut Random, number: usize) -> User {
        let mut occurrences = Vec::new();
        for event in EVENTS {
            let mut at = -random.between(0, 12) * HOUR;
            for _ in 0..random.between(0, 900) {
                let document = Document::random(random, &WORLD);
                let id = occurrences.len() as i64;
                occurrences.push(Occurrence {
                    document: if random.one_in(3) {
                        document
                    } else {
                        Document::default()
                    },
                    id,
                    ..Occurrence::new(event, at)
                });
                let pause = if random.one_in(200) { 60 } else { 4 };
                at -= random.between(0, pause) * HOUR;
            }
        }
        User::new(number, Facts::new(occurrences, Some(WORLD.contact(random))))
    }

    fn new(number: usize, facts: Facts) -> User {
        let id = format!("u{number:05}");
        let facts = facts.called(&id);
        User { id, facts }
    }
}

/// Stores users with all they did. Before any bucket is defined nothing is evaluated.
pub fn store(client: &mut Client, users: &[User]) -> Result<()> {
    let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
    let documents: Vec<String> = users.iter().map(|user| document(&user.facts)).collect();
    client.execute(
        "INSERT INTO contacts (user_id, properties)
         SELECT id, document::jsonb FROM unnest($1::text[], $2::text[]) AS u (id, document)",
        &[&ids, &documents],
    )?;
    let (mut who, mut what, mut when) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ids, mut properties) = (Vec::new(), Vec::new());
    let (mut values, mut sources) = (Vec::new(), Vec::new());
    for user in users {
        for occurrence in user.facts.occurrences() {
            let document = &occurrence.document;
            who.push(user.id.as_str());
            what.push(occurrence.event);
            when.push(occurrence.at);
            ids.push(occurrence.id);
            properties.push(document.json());
            values.push(document.value.as_ref().map(Value::json));
            sources.push(document.source);
        }
    }
    client.execute(
        &format!(
            "INSERT INTO user_events (user_id, event, occurred_at, id, properties, value, source)
             SELECT who, what, timestamptz '{NOW}' + micros * interval '1 microsecond',
                    id, properties::jsonb, value::numeric, source
             FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
                 AS e (who, what, micros, id, properties, value, source)"
        ),
        &[&who, &what, &when, &ids, &properties, &values, &sources],
    )?;
    // Later ones are not to have their numbers.
    client.batch_execute("ALTER TABLE user_events ALTER id RESTART WITH 1000000")?;
    Ok(())
}

fn document(facts: &Facts) -> String {
    let properties = facts.properties.iter().flatten();
    let members = properties.map(|(name, value)| format!("\"{name}\": {}", value.json()));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}
