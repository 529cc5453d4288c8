//! Criteria that nobody can match, and such that only look it.

#[path = "criteria_support/facts.rs"]
mod facts;

use facts::Listed;
use hogsend_core::criteria::{Criteria, Never};
use hogsend_core::time::Instant;
use hogsend_model::{Random, random};

fn never(json: &str) -> Option<Never> {
    Criteria::parse(json)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{json}"))
        .never()
}

fn event(name: &str, rest: &str) -> String {
    format!(r#"{{"type":"event","eventName":"{name}",{rest}}}"#)
}

fn property(operator: &str, value: &str) -> String {
    let value = match value {
        "" => String::new(),
        value => format!(r#","value":{value}"#),
    };
    format!(r#"{{"type":"property","property":"p","operator":"{operator}"{value}}}"#)
}

fn composite(operator: &str, conditions: &[String]) -> String {
    format!(
        r#"{{"type":"composite","operator":"{operator}","conditions":[{}]}}"#,
        conditions.join(",")
    )
}

#[test]
fn lists_that_nothing_is_in() {
    let p = |operator, value| property(operator, value);
    let both = |one, other| never(&composite("and", &[one, other]));
    let no = Some(Never::Contradiction);
    assert_eq!(both(p("in", "[1,2]"), p("in", "[3]")), no);
    assert_eq!(both(p("in", "[1,2]"), p("in", "[3,2]")), None);
    assert_eq!(both(p("in", "[1,2]"), p("not_in", "[2,1,0]")), no);
    assert_eq!(both(p("in", "[1,2]"), p("gt", "1")), None);
    assert_eq!(both(p("in", "[1,2]"), p("gt", "2")), no);
    assert_eq!(both(p("in", "[1,2]"), p("exists", "")), None);
    assert_eq!(both(p("starts_with", "\"a\""), p("gt", "2")), no);
    assert_eq!(
        both(p("starts_with", "\"a\""), p("contains_any", "[2]")),
        no
    );
    assert_eq!(
        both(p("starts_with", "\"a\""), p("contains", "\"b\"")),
        None
    );
    assert_eq!(both(p("contains_all", "[1]"), p("contains", "\"b\"")), None);
    assert_eq!(both(p("contains", "1"), p("ends_with", "\"b\"")), no);
    assert_eq!(both(p("in", "[\"abc\"]"), p("ends_with", "\"b\"")), no);
}

#[test]
fn samples_that_share_nobody() {
    let sample = |salt: &str, from: &str, to: &str| {
        format!(r#"{{"type":"sample","salt":"{salt}","from":{from},"to":{to}}}"#)
    };
    let (one, other) = (sample("s", "0", "10"), sample("s", "10", "20"));
    let both = composite("and", &[one.clone(), other.clone()]);
    assert_eq!(never(&both), Some(Never::Contradiction));
    assert_eq!(never(&composite("or", &[one.clone(), other])), None);
    let wider = sample("s", "9.99999", "20");
    assert_eq!(never(&composite("and", &[one.clone(), wider])), None);
    let drawn_anew = sample("t", "10", "20");
    assert_eq!(never(&composite("and", &[one, drawn_anew])), None);
    assert_eq!(
        never(&sample("s", "0", "1e-400")),
        None,
        "the very first lot"
    );
    let nobody = sample("s", "1e-30", "2e-30");
    assert_eq!(never(&nobody), Some(Never::Contradiction));
    assert_eq!(never(r#"{"type":"everyone"}"#), None);
}

#[test]
fn whoever_is_not_among_everybody() {
    let everyone = r#"{"type":"everyone"}"#.to_owned();
    let not = |condition: &str| format!(r#"{{"type":"not","condition":{condition}}}"#);
    let (paid, nobody) = (property("eq", "1"), not(&everyone));
    let no = Some(Never::NotEveryone);
    assert_eq!(never(&nobody), no);
    assert_eq!(never(&not(&nobody)), None);
    assert_eq!(
        never(&composite("and", &[paid.clone(), nobody.clone()])),
        no
    );
    assert_eq!(
        never(&composite("or", &[paid.clone(), nobody.clone()])),
        None
    );
    let neither = composite("or", &[paid.clone(), everyone]);
    assert_eq!(never(&not(&neither)), no);
    assert_eq!(never(&composite("and", &[paid, not(&neither)])), no);
    let sample = |to: &str| format!(r#"{{"type":"sample","salt":"s","from":0,"to":{to}}}"#);
    assert_eq!(never(&not(&sample("100"))), no);
    assert_eq!(never(&not(&sample("99.999"))), None);
}

const AT_MOST_NONE: &str = r#""check":"count","operator":"lte","value":0"#;

#[test]
fn whoever_never_did_it_is_out_of_scope() {
    let out = Some(Never::OutOfScope);
    assert_eq!(never(&event("a", AT_MOST_NONE)), out);
    for bound in [
        r#""operator":"lt","value":1"#,
        r#""operator":"eq","value":0"#,
    ] {
        assert_eq!(
            never(&event("a", &format!(r#""check":"count",{bound}"#))),
            out
        );
    }
    let both = [event("a", AT_MOST_NONE), event("b", AT_MOST_NONE)];
    assert_eq!(never(&composite("and", &both)), out);
    // Of another event they may have done it, with a window they may have done it before, and with a
    // property leg every contact is in scope.
    assert_eq!(never(&composite("or", &both)), None);
    let in_time = event("a", &format!(r#"{AT_MOST_NONE},"within":"7 days""#));
    assert_eq!(never(&in_time), None);
    let free = property("neq", "1");
    assert_eq!(
        never(&composite("and", &[event("a", AT_MOST_NONE), free])),
        None
    );
}

#[test]
fn counts_exclude_each_other() {
    let count = |operator: &str, n: u32, within: &str| {
        let within = match within {
            "" => String::new(),
            within => format!(r#","within":"{within}""#),
        };
        event(
            "a",
            &format!(r#""check":"count","operator":"{operator}","value":{n}{within}"#),
        )
    };
    let cases = [
        ([count("gte", 3, ""), count("lte", 1, "")], true),
        ([count("gte", 3, ""), count("lte", 3, "")], false),
        ([count("gt", 3, ""), count("lte", 3, "")], true),
        ([count("eq", 2, ""), count("eq", 3, "")], true),
        ([count("lt", 0, ""), count("gte", 1, "")], true),
        // What is inside a window is inside a longer one, and not the other way round.
        ([count("gte", 3, "1 day"), count("lt", 3, "2 days")], true),
        ([count("gte", 3, "2 days"), count("lt", 3, "1 day")], false),
        ([count("gte", 3, "1 day"), count("lt", 3, "")], true),
        ([count("gte", 3, ""), count("lt", 3, "1 day")], false),
    ];
    for (legs, contradict) in cases {
        let expected = contradict.then_some(Never::Contradiction);
        let json = composite("and", &legs);
        assert_eq!(never(&json), expected, "{json}");
        assert_eq!(never(&composite("or", &legs)), None);
    }
    // Neither branch of an or is left by the rest.
    let either = composite("or", &[count("eq", 1, ""), count("eq", 2, "")]);
    let json = composite("and", &[either.clone(), count("gte", 3, "")]);
    assert_eq!(never(&json), Some(Never::Contradiction));
    assert_eq!(
        never(&composite("and", &[either, count("gte", 2, "")])),
        None
    );
}

#[test]
fn tests_of_a_property_exclude_each_other() {
    for (one, other, contradict) in [
        (("eq", "1"), ("eq", "1.0"), false),
        (("eq", "1"), ("eq", "2"), true),
        (("eq", "1"), ("eq", "\"1\""), true),
        (("eq", "1"), ("neq", "1"), true),
        (("eq", "1"), ("neq", "2"), false),
        (("eq", "\"a\""), ("gt", "0"), true),
        (("eq", "\"abc\""), ("contains", "\"b\""), false),
        (("eq", "\"abc\""), ("contains", "\"d\""), true),
        (("exists", ""), ("not_exists", ""), true),
        (("not_exists", ""), ("gt", "0"), true),
        (("not_exists", ""), ("neq", "1"), false),
        (("gt", "1"), ("lt", "2"), false),
        (("gt", "1"), ("lt", "1"), true),
        (("gte", "1"), ("lte", "1"), false),
        (("gt", "1"), ("lte", "1"), true),
        (("gte", "1"), ("lt", "1"), true),
        (("gte", "2"), ("lte", "1"), true),
        (("gte", "1"), ("contains", "1"), true),
        (("contains", "\"a\""), ("contains", "\"b\""), false),
        (("exists", ""), ("neq", "true"), false),
        (("matches", "\"a\""), ("gt", "0"), true),
        (("matches", "\"^a$\""), ("eq", "\"b\""), true),
        (("matches", "\"^a$\""), ("starts_with", "\"b\""), false),
    ] {
        let legs = [property(one.0, one.1), property(other.0, other.1)];
        let expected = contradict.then_some(Never::Contradiction);
        // A third leg, because negations alone are refused.
        for order in [[0, 1], [1, 0]] {
            let legs = order.map(|leg| legs[leg].clone());
            let json = composite(
                "and",
                &[&legs[..], &[event("a", r#""check":"exists""#)]].concat(),
            );
            assert_eq!(never(&json), expected, "{json}");
        }
    }
    let folded = |operator: &str, value: &str| {
        let leg = property(operator, value);
        format!(r#"{},"ignoreCase":true}}"#, leg.strip_suffix('}').unwrap())
    };
    for (one, other, contradict) in [
        // "ABC" is both.
        (("eq", "\"abc\""), ("starts_with", "\"A\""), false),
        (("in", "[\"abc\"]"), ("eq", "\"aBc\""), false),
        (("eq", "\"abc\""), ("eq", "\"abd\""), true),
        (("starts_with", "\"abc\""), ("gt", "1"), true),
        (("contains", "\"abc\""), ("contains", "1"), false),
        (("neq", "\"abc\""), ("gt", "1"), false),
    ] {
        let json = composite("and", &[folded(one.0, one.1), property(other.0, other.1)]);
        let expected = contradict.then_some(Never::Contradiction);
        assert_eq!(never(&json), expected, "{json}");
    }
    let between = [
        property("gte", "1"),
        property("lte", "1"),
        property("neq", "1"),
    ];
    assert_eq!(
        never(&composite("and", &between)),
        Some(Never::Contradiction)
    );
}

#[test]
fn each_event_is_found_where_it_is_named_first() {
    let [a, b] = ["a", "b"].map(|name| event(name, r#""check":"exists""#));
    let json = composite(
        "and",
        &[property("neq", "1"), composite("or", &[b, a.clone()]), a],
    );
    let criteria = Criteria::parse(&json).unwrap();
    let expected = [
        ("$.conditions[1].conditions[0].eventName".to_owned(), "b"),
        ("$.conditions[1].conditions[1].eventName".to_owned(), "a"),
    ];
    assert_eq!(criteria.event_paths(), expected);
}

#[test]
fn a_property_is_found_where_it_is_named_first() {
    let leg = property("neq", "1");
    let json = composite(
        "or",
        &[
            event("p", r#""check":"exists""#),
            composite("and", &[leg.clone(), leg]),
        ],
    );
    let criteria = Criteria::parse(&json).unwrap();
    let first = criteria.property_path("p");
    assert_eq!(
        first.as_deref(),
        Some("$.conditions[1].conditions[0].property")
    );
    assert_eq!(criteria.property_path("q"), None);
}

/// So many ways that nobody tries them all.
#[test]
fn what_is_too_much_to_try_may_match() {
    let leg = |event_name: usize, n: usize| {
        event(
            &format!("e{event_name}"),
            &format!(r#""check":"count","operator":"eq","value":{n}"#),
        )
    };
    let ors: Vec<String> = (0..60)
        .map(|number| composite("or", &[leg(number, 1), leg(number, 2)]))
        .collect();
    let contradiction = composite("and", &[leg(99, 1), leg(99, 2)]);
    let started = std::time::Instant::now();
    // Found at once where it stands for itself, given up where it follows from each of 2^60 ways.
    let json = composite("and", &[ors.clone(), vec![contradiction.clone()]].concat());
    assert_eq!(never(&json), Some(Never::Contradiction));
    let hidden = composite("or", &[contradiction.clone(), contradiction]);
    let json = composite("and", &[vec![hidden], ors].concat());
    assert_eq!(never(&json), None);
    assert!(
        started.elapsed().as_millis() < 500,
        "{:?}",
        started.elapsed()
    );
}

/// How often each of two events happened in each of three stretches: within a day, two days, ever. At
/// most three times, which is as many as any leg below asks for.
struct Happened([[u64; 3]; 2]);

const DAY: i64 = 86_400_000_000;

impl Happened {
    fn of(number: u64) -> Happened {
        let mut digits = number;
        Happened([(); 2].map(|()| {
            [(); 3].map(|()| {
                let digit = digits % 4;
                digits /= 4;
                digit
            })
        }))
    }
}

fn known(criteria: &Criteria, happened: &Happened) -> Listed {
    let times = |event: &str| {
        let of_event = happened.0[usize::from(event == "b")].iter().enumerate();
        let in_stretch = |(stretch, times): (usize, &u64)| {
            let at = Instant(-(stretch as i64) * DAY - DAY / 2);
            vec![at; *times as usize]
        };
        of_event.flat_map(in_stretch).collect()
    };
    Listed::of(criteria, times, |_| None, true)
}

/// Exact where only events are asked for: what is said of random trees is so of everybody there can
/// be in a small world, and what is not said of them is not.
#[test]
fn of_events_it_is_exact() {
    fn tree(random: &mut Random, depth: usize) -> String {
        if depth == 0 || random.one_in(4) {
            let rest = match random.below(4) {
                0 => r#""check":"exists""#.into(),
                1 => r#""check":"not_exists""#.into(),
                _ => format!(
                    r#""check":"count","operator":"{}","value":{}"#,
                    random.pick(&["gt", "gte", "lt", "lte", "eq"]),
                    random.below(3)
                ),
            };
            let within = random.pick(&["", r#","within":"1 day""#, r#","within":"2 days""#]);
            return event(random.pick(&["a", "b"]), &format!("{rest}{within}"));
        }
        let conditions: Vec<String> = (0..1 + random.below(4))
            .map(|_| tree(random, depth - 1))
            .collect();
        composite(random.pick(&["and", "and", "or"]), &conditions)
    }
    let (mut nobody, mut somebody) = (0, 0);
    for case in 0..random::cases("HOGSEND_CASES", 3_000) {
        let mut random = Random::new(case);
        let json = tree(&mut random, 3);
        let Ok(criteria) = Criteria::parse(&json) else {
            continue;
        };
        let matches = (0..4096).any(|number| {
            let facts = known(&criteria, &Happened::of(number));
            criteria.evaluate(&facts, Instant(0)).truth
        });
        assert_eq!(criteria.never().is_none(), matches, "case {case}\n{json}");
        if matches {
            somebody += 1;
        } else {
            nobody += 1;
        }
    }
    assert!(nobody > 100 && somebody > 100, "{nobody} {somebody}");
}
