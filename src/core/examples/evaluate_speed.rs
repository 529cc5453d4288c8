//! How many evaluations a second one core does, for a tree of three legs: a windowed count, a
//! property and a windowed absence.
//!
//! `cargo run --release -p hogsend-core --example evaluate_speed`

use hogsend_core::criteria::{
    Criteria, Facts, InnerNo, Membership, NoZones, PropertyNo, PropertyValue, Series, SeriesNo,
    Zones,
};
use hogsend_core::time::{Instant, Span};
use std::hint::black_box;

const CRITERIA: &str = r#"{"type":"composite","operator":"and","conditions":[
    {"type":"event","eventName":"app.opened","check":"count","operator":"gte","value":3,
     "within":{"days":7}},
    {"type":"property","property":"plan","operator":"eq","value":"trial"},
    {"type":"event","eventName":"paid","check":"not_exists","within":"14 days"}]}"#;
const EVALUATIONS: usize = 2_000_000;
const RUNS: usize = 7;

struct User {
    opened: Vec<Instant>,
    paid: Vec<Instant>,
    plan: PropertyValue,
}

impl Facts for User {
    fn series(&self, series: SeriesNo) -> Series<'_> {
        let is_first = series.index() == 0;
        Series {
            latest: if is_first { &self.opened } else { &self.paid },
            ..Series::default()
        }
    }

    fn property(&self, _: PropertyNo) -> Option<&PropertyValue> {
        Some(&self.plan)
    }

    fn membership(&self, _: InnerNo) -> Membership {
        Membership::Never
    }

    fn user(&self) -> &str {
        "u1"
    }

    fn live_contact(&self) -> bool {
        true
    }

    fn zones(&self) -> &dyn Zones {
        &NoZones
    }
}

fn main() {
    let criteria = Criteria::parse(CRITERIA).expect("valid criteria");
    let now = Instant(800_000_000_000_000);
    let days_ago = |days: i64| now.minus(Span(days * Span::DAY.0));
    // Users whose truth and next flip differ, so that no branch is always the same.
    let users: Vec<User> = (0..64)
        .map(|user| User {
            opened: (0..user % 5)
                .map(|n| days_ago(n * (user % 3 + 1)))
                .collect(),
            paid: (0..user % 2).map(|_| days_ago(user % 20)).collect(),
            plan: PropertyValue::parse(if user % 7 == 0 {
                "\"pro\""
            } else {
                "\"trial\""
            }),
        })
        .collect();
    let mut speeds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = std::time::Instant::now();
            for user in users.iter().cycle().take(EVALUATIONS) {
                black_box(criteria.evaluate(black_box(user), black_box(now)));
            }
            EVALUATIONS as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    speeds.sort_by(f64::total_cmp);
    println!(
        "evaluate: {:.1} million a second (median of {RUNS} runs of {EVALUATIONS}; \
         slowest {:.1}, fastest {:.1})",
        speeds[RUNS / 2] / 1e6,
        speeds[0] / 1e6,
        speeds[RUNS - 1] / 1e6,
    );
}
