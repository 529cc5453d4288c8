//! The definition of what is asked of single events and of ranges of time, on cases that a person can check.

use hogsend_model::filter::Filter;
use hogsend_model::legs::{Check, Event, Pick, Property};
use hogsend_model::{
    Document, Facts, INFINITY, Leg, MINUS_INFINITY, Node, Number, Occurrence, Operator, Random,
    Value, json,
};
use std::collections::BTreeSet;

fn leg(event: Event) -> Node {
    Node::Leg(Leg::Event(event))
}

fn exists() -> Event {
    Event::plain("a", Check::Exists)
}

fn number(written: &'static str) -> Value {
    Value::Number(Number::new(written))
}

/// One that says `amount`.
fn bought(at: i64, id: i64, amount: &'static str) -> Occurrence {
    let properties = [("amount".to_owned(), number(amount))].into();
    Occurrence {
        id,
        document: Document {
            properties,
            ..Document::default()
        },
        ..Occurrence::new("a", at)
    }
}

fn over(amount: &'static str) -> Filter {
    Filter::Test(Property {
        name: "amount",
        below: Vec::new(),
        operator: "gt",
        value: number(amount),
        ignore_case: false,
    })
}

fn did(occurrences: &[Occurrence]) -> Facts {
    Facts::new(occurrences.iter().cloned(), None)
}

fn at(times: &[i64]) -> Facts {
    let occurrences: Vec<Occurrence> = times.iter().map(|at| Occurrence::new("a", *at)).collect();
    did(&occurrences)
}

#[test]
fn a_range_with_two_ends() {
    let node = leg(Event {
        within: Some(60),
        older: Some(30),
        ..exists()
    });
    let truths = [100, 130, 131, 160, 161].map(|now| node.truth(&at(&[100]), now));
    assert_eq!(truths, [false, false, true, true, false]);
    assert_eq!(node.changes(&at(&[100])), [131, 161]);
    assert_eq!(node.true_since(&at(&[100]), 150), Some(131));
    let old = |time| {
        let old = leg(Event {
            older: Some(30),
            ..exists()
        });
        old.truth(&at(&[time]), 1_000)
    };
    assert!(old(969) && !old(970) && old(MINUS_INFINITY) && !old(INFINITY));
}

#[test]
fn absolute_ends() {
    let node = |since, until| {
        leg(Event {
            since,
            until,
            ..exists()
        })
    };
    let truths = |node: Node| [99, 100, 199, 200].map(|time| node.truth(&at(&[time]), 0));
    assert_eq!(truths(node(Some(100), None)), [false, true, true, true]);
    assert_eq!(truths(node(None, Some(200))), [true, true, true, false]);
    assert_eq!(
        truths(node(Some(100), Some(200))),
        [false, true, true, false]
    );
}

#[test]
fn only_what_the_filter_lets_through_counts() {
    let facts = did(&[
        bought(100, 1, "50"),
        bought(110, 2, "50.5"),
        bought(120, 3, "7"),
    ]);
    let count = |filter, bound| {
        leg(Event {
            filter: Some(Box::new(filter)),
            ..Event::plain("a", Check::Bound("eq", bound))
        })
    };
    assert!(count(over("50"), 1).truth(&facts, 200));
    assert!(count(Filter::Not(Box::new(over("50"))), 2).truth(&facts, 200));
    let both = |operator| Filter::Several(operator, vec![over("10"), over("50")]);
    assert!(count(both(Operator::And), 1).truth(&facts, 200));
    assert!(count(both(Operator::Or), 2).truth(&facts, 200));
    // Whoever did it is concerned, whatever it was like.
    assert!(count(over("1000"), 0).truth(&facts, 200));
    assert!(!count(over("1000"), 0).truth(&did(&[]), 200));
    let leg = count(over("50"), 1);
    assert!(leg.counts(&bought(0, 9, "51")) && !leg.counts(&bought(0, 9, "50")));
}

#[test]
fn the_columns_of_an_event() {
    let occurrence = Occurrence {
        document: Document {
            value: Some(number("19.90")),
            source: Some("web"),
            ..Document::default()
        },
        ..Occurrence::new("a", 0)
    };
    let is = |name, value| {
        let test = Property {
            name,
            below: Vec::new(),
            operator: "eq",
            value,
            ignore_case: false,
        };
        Filter::Test(test).passes(&occurrence)
    };
    assert!(is("$value", number("19.9")) && is("$source", Value::Text("web")));
    assert!(!is("value", number("19.9")) && !is("$source", Value::Text("app")));
}

#[test]
fn several_names_count_together() {
    let facts = did(&[
        Occurrence::new("a", 1),
        Occurrence::new("b", 2),
        Occurrence::new("c", 3),
    ]);
    let node = leg(Event {
        names: vec!["b", "a", "b"],
        ..Event::plain("a", Check::Bound("eq", 2))
    });
    assert!(node.truth(&facts, 10));
    assert!(node.names("b") && !node.names("c"));
}

#[test]
fn the_first_and_the_last() {
    // Of one instant the ids say which came first.
    let facts = did(&[
        bought(100, 2, "1"),
        bought(100, 1, "9"),
        bought(200, 4, "9"),
        bought(200, 3, "1"),
    ]);
    let picked = |pick, amount, check| {
        leg(Event {
            pick: Some((pick, Some(Box::new(over(amount))))),
            ..Event::plain("a", check)
        })
    };
    assert!(picked(Pick::First, "5", Check::Exists).truth(&facts, 300));
    assert!(picked(Pick::Last, "5", Check::Exists).truth(&facts, 300));
    assert!(!picked(Pick::Last, "9", Check::Exists).truth(&facts, 300));
    assert!(picked(Pick::Last, "9", Check::NotExists).truth(&facts, 300));
    let recent = leg(Event {
        within: Some(50),
        pick: Some((Pick::First, None)),
        ..exists()
    });
    // That the last one is in the window is nothing to the first.
    assert!(recent.truth(&facts, 150) && !recent.truth(&facts, 151) && !recent.truth(&facts, 220));
    // At 120 the last one was another one.
    let dear = picked(Pick::Last, "5", Check::Exists);
    let facts = did(&[bought(100, 1, "1"), bought(150, 2, "9")]);
    assert_eq!(dear.true_since(&facts, 300), Some(150));
}

#[test]
fn instants_as_people_write_them() {
    let spellings = |micros| -> BTreeSet<String> {
        (0..200)
            .map(|seed| json::instant(&mut Random::new(seed), micros))
            .collect()
    };
    let midnight = spellings(0);
    for text in [
        r#""2000-01-01""#,
        r#""2000-01-01T00:00Z""#,
        r#""2000-01-01 02:00:00+02:00""#,
        r#""1999-12-31T14:30-09:30""#,
    ] {
        assert!(midnight.contains(text), "{midnight:?}");
    }
    let leap_day = 86_400_000_000 * (24 * 365 + 6 + 59) + 1;
    assert!(spellings(leap_day).contains(r#""2024-02-29T00:00:00.000001Z""#));
    let year_1 = -63_082_281_600_000_000;
    assert!(spellings(year_1).contains(r#""0001-01-01""#));
}
