//! What must hold of any text that is taken for criteria.

use hogsend_core::criteria::{
    Criteria, Facts, InnerNo, MAX_PROBLEMS, Membership, NoZones, Problem, PropertyNo,
    PropertyValue, Series, SeriesNo, Zones,
};
use hogsend_core::time::Instant;

/// A user of whom nothing is stored.
struct Nobody;

impl Facts for Nobody {
    fn series(&self, _: SeriesNo) -> Series<'_> {
        Series::default()
    }

    fn property(&self, _: PropertyNo) -> Option<&PropertyValue> {
        None
    }

    fn membership(&self, _: InnerNo) -> Membership {
        Membership::Never
    }

    fn user(&self) -> &str {
        "nobody"
    }

    fn live_contact(&self) -> bool {
        false
    }

    fn zones(&self) -> &dyn Zones {
        &NoZones
    }
}

/// Reads the document. What is refused is explained; what is accepted is the same when it is written
/// down and read again, and nobody of whom nothing is known matches it. Returns its canonical form.
pub fn check(text: &str) -> Option<String> {
    let criteria = match Criteria::parse(text) {
        Ok(criteria) => criteria,
        Err(problems) => {
            assert!((1..=MAX_PROBLEMS).contains(&problems.len()), "{text}");
            for problem in &problems {
                assert!(is_usable(problem), "{problem:?}\n{text}");
            }
            return None;
        }
    };
    let canonical = criteria.canonical();
    let again = Criteria::parse(&canonical)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{text}\n{canonical}"));
    assert_eq!(again.canonical(), canonical, "{text}");
    assert_eq!(again.series(), criteria.series(), "{text}");
    assert_eq!(again.properties(), criteria.properties(), "{text}");
    assert_eq!(again.buckets(), criteria.buckets(), "{text}");
    for need in criteria.series() {
        let ranks = need.ranks.first() == Some(&1) && need.ranks.is_sorted();
        let is_read = ranks || !need.enough.is_empty() || need.oldest;
        assert!(is_read && ranks == need.of.is_plain(), "{text}: {need:?}");
    }
    let now = Instant(0);
    assert!(!criteria.evaluate(&Nobody, now).truth, "{text}");
    let explained = criteria.explain(&Nobody, now, &|at: Instant, _| at.0.to_string());
    assert!(explained.out_of_scope.is_some(), "{text}");
    Some(canonical)
}

fn is_usable(problem: &Problem) -> bool {
    let Problem {
        path,
        message,
        hint,
    } = problem;
    path.starts_with('$')
        && !message.is_empty()
        && !hint.is_empty()
        && path.len() + message.len() + hint.len() < 6_000
}
