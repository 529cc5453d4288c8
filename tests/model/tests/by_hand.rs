//! The definition itself, on cases that a person can check: what everything else is held against must not
//! be wrong in the way in which hogsend is wrong.

use hogsend_model::legs::{Check, Event, Property};
use hogsend_model::{
    Facts, INFINITY, Leg, MINUS_INFINITY, Node, Number, Occurrence, Operator, Random, Value, World,
};

fn event(name: &'static str, check: Check, within: Option<i64>) -> Node {
    Node::Leg(Leg::Event(Event {
        within,
        ..Event::plain(name, check)
    }))
}

fn property(operator: &'static str, value: Value) -> Node {
    Node::Leg(Leg::Property(Property {
        name: "p",
        below: Vec::new(),
        ignore_case: false,
        operator,
        value,
    }))
}

fn number(written: &'static str) -> Value {
    Value::Number(Number::new(written))
}

fn did(what: &[(&'static str, i64)]) -> Facts {
    Facts::new(
        what.iter().map(|(event, at)| Occurrence::new(event, *at)),
        None,
    )
}

fn has(value: Value) -> Facts {
    Facts::new([], Some([("p".to_owned(), value)].into()))
}

#[test]
fn an_event_is_inside_its_window_to_the_last_microsecond() {
    let facts = did(&[("a", 100), ("a", 130), ("b", 90)]);
    let twice = event("a", Check::Bound("gte", 2), Some(50));
    let truths = [99, 130, 150, 151, 180].map(|at| twice.truth(&facts, at));
    // What lies in the future is inside: a window has no upper end.
    assert_eq!(truths, [true, true, true, false, false]);
    let instants = twice.changes(&facts);
    assert_eq!(instants, [151, 181]);
    assert_eq!(twice.next_flip(&facts, 100, &instants), Some(151));
    assert_eq!(twice.next_flip(&facts, 151, &instants), None);
    assert_eq!(twice.last_flip(&facts, 0, 150, &instants), None);
    assert_eq!(twice.last_flip(&facts, 0, 151, &instants), Some(151));
    assert_eq!(twice.last_flip(&facts, 151, 500, &instants), None);
    for (at, is_inside) in [(INFINITY, true), (MINUS_INFINITY, false)] {
        let once = event("a", Check::Exists, Some(50));
        assert_eq!(once.truth(&did(&[("a", at)]), 1_000), is_inside);
        assert!(event("a", Check::Exists, None).truth(&did(&[("a", at)]), 0));
    }
}

#[test]
fn who_never_did_it_is_not_concerned() {
    let lapsed = event("a", Check::NotExists, Some(50));
    assert!(!lapsed.truth(&did(&[("b", 0)]), 100));
    assert!(lapsed.truth(&did(&[("a", 0)]), 100));
    let anybody = Node::Composite(
        Operator::Or,
        vec![lapsed, property("not_exists", Value::Null)],
    );
    assert!(!anybody.truth(&did(&[]), 100));
    assert!(anybody.truth(&has(Value::Null), 100));
}

#[test]
fn properties_compare_by_type_and_value() {
    let is = |operator, value, theirs| property(operator, value).truth(&has(theirs), 0);
    assert!(is("eq", number("1"), number("100.000E-02")));
    assert!(!is("eq", number("1"), Value::Text("1")));
    assert!(is("neq", number("1"), Value::Text("1")));
    assert!(is(
        "gt",
        number("12345678901234567890.1"),
        number("12345678901234567890.2")
    ));
    assert!(!is("lt", number("1"), Value::Text("0")));
    assert!(!is("exists", Value::Null, Value::Null));
    assert!(is("not_exists", Value::Null, Value::Null));
    assert!(is("contains", Value::Text("ro"), Value::Text("pro")));
    let list = || Value::List(vec![number("1.0"), Value::Object(Vec::new())]);
    assert!(is("contains", number("1"), list()));
    assert!(!is("contains", Value::Text("1"), list()));
    // Of somebody without it, everything but a negation is false.
    let nothing =
        |operator, value| property(operator, value).truth(&Facts::new([], Some([].into())), 0);
    assert!(nothing("neq", number("1")) && nothing("not_exists", Value::Null));
    assert!(!nothing("lte", number("1")) && !nothing("contains", Value::Text("")));
}

#[test]
fn the_past_is_what_had_happened_by_then() {
    let facts = did(&[("a", 100), ("a", 130), ("a", 400)]);
    let twice = event("a", Check::Bound("gte", 2), Some(50));
    // The second came at 130 and the first was gone at 151; 400 has not come yet.
    assert_eq!(twice.true_since(&facts, 140), Some(130));
    assert_eq!(twice.true_since(&facts, 160), Some(160));
    assert_eq!(twice.true_since(&did(&[("a", 100), ("a", 130)]), 160), None);
    let any = event("a", Check::Exists, None);
    assert_eq!(any.true_since(&facts, 500), Some(100));
    // As long as anything has been going on.
    assert_eq!(any.true_since(&did(&[("a", MINUS_INFINITY)]), 500), None);
    // What properties were nobody knows: it is no matter beside what decides, and otherwise is all.
    let free = || property("neq", Value::Text("pro"));
    let with = |operator| Node::Composite(operator, vec![any.clone(), free()]);
    assert_eq!(with(Operator::Or).true_since(&facts, 500), Some(100));
    assert_eq!(with(Operator::And).true_since(&facts, 500), None);
}

#[test]
fn nothing_but_negations_is_refused() {
    let never = || event("a", Check::NotExists, None);
    assert!(never().only_denies() && property("neq", Value::Bool(true)).only_denies());
    assert!(!event("a", Check::NotExists, Some(1)).only_denies());
    let both = |other| Node::Composite(Operator::And, vec![never(), other]);
    assert!(both(property("not_exists", Value::Null)).only_denies());
    assert!(!both(property("exists", Value::Null)).only_denies());
    // Asked of what is left once negation has been moved to the legs.
    let not = |inner| Node::Not(Box::new(inner));
    let did = || event("a", Check::Exists, None);
    assert!(not(did()).only_denies() && !not(never()).only_denies());
    assert!(not(not(never())).only_denies() && !not(not(did())).only_denies());
    assert!(!not(event("a", Check::Bound("gt", 0), None)).only_denies());
    assert!(both(not(property("exists", Value::Null))).only_denies());
}

/// What is not known is not known to be otherwise.
#[test]
fn negation_turns_round_what_is_known() {
    let not = |inner| Node::Not(Box::new(inner));
    let facts = did(&[("a", 100)]);
    let node = not(event("a", Check::Exists, Some(50)));
    assert!(!node.truth(&facts, 150) && node.truth(&facts, 151));
    assert_eq!(node.changes(&facts), [151]);
    assert_eq!(node.true_since(&facts, 500), Some(151));
    let free = not(property("eq", Value::Text("pro")));
    let both = Node::Composite(Operator::And, vec![node, free]);
    assert!(both.truth(&facts, 500));
    assert_eq!(both.true_since(&facts, 500), None);
}

/// The hash is the one that everybody knows.
#[test]
fn a_sample_is_drawn_by_sha_256() {
    let first = |text: &str| hogsend_model::legs::sample::sha256(text.as_bytes())[0];
    assert_eq!((first(""), first("abc")), (0xe3b0_c442, 0xba78_16bf));
}

/// A fuzzer's decisions are these bytes, and a tree ends when they do.
#[test]
fn every_decision_can_be_taken_by_bytes() {
    let mut random = Random::of_bytes(&[1, 2, 0, 3]);
    assert_eq!(random.below(10), 1);
    assert_eq!(random.between(5, 7), 7);
    assert!(random.one_in(3) && random.one_in(3) && !random.one_in(3));
    let world = World::any(&mut random);
    assert!(Node::random(&mut random, &world, 3).legs().len() < 100);
}

/// Every kind of leg is made, with every check and operator, and what is equal is written in many ways.
#[test]
fn random_trees_are_full_of_everything() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let world = World::any(&mut random);
        let node = Node::criteria(&mut random, &world);
        assert!(!node.only_denies());
        for leg in node.legs() {
            let of = |fields: Vec<(&'static str, String)>, key| {
                fields.into_iter().find(|(k, _)| *k == key).map(|(_, v)| v)
            };
            let kinds = ["check", "operator"].map(|key| of(leg.fields(&mut random), key));
            seen.extend(kinds.into_iter().flatten());
        }
    }
    let all = [
        "after",
        "anniversary",
        "avg",
        "before",
        "contains",
        "contains_all",
        "contains_any",
        "contains_none",
        "count",
        "distinct",
        "ends_with",
        "eq",
        "exists",
        "gt",
        "gte",
        "in",
        "later_than",
        "lt",
        "lte",
        "matches",
        "max",
        "min",
        "neq",
        "not_exists",
        "not_in",
        "older_than",
        "on_day",
        "starts_with",
        "sum",
        "within_last",
        "within_next",
    ];
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        all.map(|word| format!("\"{word}\""))
    );
    let node = event("a", Check::Bound("eq", 2), Some(86_400_000_000));
    let spellings: std::collections::BTreeSet<String> = (0..2_000)
        .map(|seed| node.json(&mut Random::new(seed)))
        .collect();
    assert!(spellings.len() > 500);
}
