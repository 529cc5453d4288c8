//! What is to be read, and what an occurrence can do.

use super::{OVER_50, all, leg, parse};
use hogsend_core::criteria::{Effect, Enough, Onset, Order, SeriesNeed, SeriesOf};
use hogsend_core::time::Span;

const MINUTE: Span = Span::MINUTE;
const DAY: Span = Span::DAY;

/// What a leg needs, and whatever else is read for it.
fn needs(rest: &str) -> Vec<SeriesNeed> {
    parse(&leg(rest)).series().to_vec()
}

/// The first need, which is the leg's own, and how many there are.
fn own(rest: &str) -> (SeriesNeed, usize) {
    let needs = needs(rest);
    (needs[0].clone(), needs.len())
}

fn count(operator: &str, value: u64, rest: &str) -> String {
    format!(r#""check":"count","operator":"{operator}","value":{value},{rest}"#)
}

fn enough(count: Option<u64>, beyond: Option<Span>, older: Option<Span>) -> Vec<Enough> {
    vec![Enough {
        count,
        beyond,
        older,
    }]
}

#[test]
fn a_filtered_count_reads_as_many_as_it_wants() {
    let (need, number) = own(&count("eq", 3, OVER_50));
    assert!(need.ranks.is_empty() && !need.oldest);
    assert_eq!(need.enough, enough(Some(4), None, None));
    assert!(need.of.filter.is_some() && !need.of.is_plain());
    // The scope goes by the name alone.
    assert_eq!(number, 2);
    let scope = &needs(&count("eq", 3, OVER_50))[1];
    assert_eq!(scope.of, SeriesOf::event("a"));
    assert_eq!((scope.ranks.as_slice(), scope.enough.len()), (&[1][..], 0));

    let windowed = count("gte", 3, &format!(r#""within":"1 day",{OVER_50}"#));
    assert_eq!(own(&windowed).0.enough, enough(Some(3), None, Some(DAY)));
    let since = own(&count("gte", 3, r#""since":"2026-01-01""#)).0;
    assert_eq!(since.enough, enough(Some(3), None, None));
    assert!(since.of.since.is_some() && since.of.filter.is_none());
}

#[test]
fn a_range_with_two_ends_is_read_as_a_whole() {
    let between = r#""within":"1 day","olderThan":"1 minute""#;
    let (need, number) = own(&count("gte", 3, between));
    assert_eq!(need.enough, enough(None, None, Some(DAY)));
    // The series is plain, so it tells the scope as well.
    assert_eq!((need.ranks.as_slice(), number), (&[1][..], 1));
    let old = own(&count("lte", 3, r#""olderThan":"1 minute""#)).0;
    assert_eq!(old.enough, enough(Some(4), Some(MINUTE), None));
}

#[test]
fn one_occurrence_is_read_alone() {
    let having = r#""having":{"type":"property","property":"p","operator":"exists"}"#;
    let last = |rest: &str| own(&format!(r#""check":"exists","pick":"last"{rest}"#));
    let first = |rest: &str| own(&format!(r#""check":"exists","pick":"first"{rest}"#));
    let (need, number) = last("");
    assert_eq!(
        (need.ranks.as_slice(), need.enough.len(), number),
        (&[1][..], 0, 1)
    );
    let (need, number) = last(&format!(",{having}"));
    assert_eq!((need.enough, number), (enough(Some(1), None, None), 2));
    assert!(need.of.marking.is_some() && need.of.filter.is_none());
    let (need, number) = first("");
    assert!(need.oldest && need.enough.is_empty());
    assert_eq!((need.ranks.as_slice(), number), (&[1][..], 1));
    let (need, number) = first(&format!(r#","since":"2026-01-01",{having},{OVER_50}"#));
    assert!(need.oldest && need.enough.is_empty() && need.ranks.is_empty());
    // When it was is asked of the one that is picked.
    assert!(need.of.since.is_none() && need.of.filter.is_some() && need.of.marking.is_some());
    assert_eq!(number, 2);
}

#[test]
fn equal_series_are_one() {
    let filtered = |within: &str| count("gte", 2, &format!(r#""within":"{within}",{OVER_50}"#));
    let spelled = OVER_50
        .replace("50", "5e1")
        .replace(r#""amount""#, r#"["amount"]"#);
    let criteria = parse(&all(
        "and",
        &[
            &leg(&filtered("1 day")),
            &leg(&filtered("1 minute")),
            &leg(&count(
                "gte",
                2,
                &format!(r#""within":"24 hours",{spelled}"#),
            )),
            &leg(r#""check":"exists""#),
        ],
    ));
    let [filtered, plain] = criteria.series() else {
        panic!("{:?}", criteria.series())
    };
    let rule = |older| enough(Some(2), None, Some(older));
    assert_eq!(filtered.enough, [rule(DAY), rule(MINUTE)].concat());
    assert_eq!(plain.ranks, [1]);
}

#[test]
fn several_names_are_one_series() {
    let names = |names: &str| {
        let json = format!(r#"{{"type":"event","eventName":{names},"check":"exists"}}"#);
        parse(&json)
    };
    let two = names(r#"["b","a","b"]"#);
    let of: Vec<_> = two
        .series()
        .iter()
        .map(|need| need.of.events.join("+"))
        .collect();
    assert_eq!(of, ["a+b", "a", "b"]);
    assert_eq!(two.series()[0].enough, enough(Some(1), None, None));
    assert_eq!(two.events(), ["a", "b"]);
    assert_eq!(
        two.event_paths(),
        [
            ("$.eventName".to_owned(), "a"),
            ("$.eventName".to_owned(), "b")
        ]
    );
    assert_eq!(names(r#"["a"]"#).series(), names(r#""a""#).series());
}

#[test]
fn what_one_more_can_do() {
    let effect = |rest: &str| {
        let effects = parse(&leg(rest)).effects();
        // Whoever is in scope is in it.
        assert!(effects[1..].iter().all(|effect| *effect == Effect::NONE));
        (effects[0].order, effects[0].from)
    };
    let later = |span| Onset::After(span);
    let between = r#""within":"1 day","olderThan":"1 minute""#;
    assert_eq!(
        effect(&count("gte", 1, between)),
        (Order::Up, later(MINUTE))
    );
    assert_eq!(
        effect(&count("lt", 1, between)),
        (Order::Down, later(MINUTE))
    );
    assert_eq!(
        effect(&count("eq", 1, between)),
        (Order::Either, later(MINUTE))
    );
    assert_eq!(
        effect(&count("gte", 1, OVER_50)),
        (Order::Up, Onset::AtOnce)
    );
    for pick in ["first", "last"] {
        let picked = format!(r#""check":"exists","olderThan":"1 day","pick":"{pick}""#);
        assert_eq!(effect(&picked), (Order::Either, Onset::AtOnce));
    }
    // A microsecond after it is that old.
    let then = later(MINUTE).of(hogsend_core::time::Instant(5));
    assert_eq!(then.0, 5 + MINUTE.0 + 1);
}

#[test]
fn whom_coming_into_scope_makes_match() {
    let holds = |json: &str| parse(json).holds_without_any();
    let never = leg(&format!(
        r#""check":"not_exists","within":"1 day",{OVER_50}"#
    ));
    let some = leg(&format!(r#""check":"exists",{OVER_50}"#));
    assert!(holds(&never) && !holds(&some));
    assert!(!holds(&all("and", &[&never, &some])));
    assert!(holds(&all("or", &[&never, &some])));
    assert!(holds(&format!(
        r#"{{"type":"not","condition":{}}}"#,
        all("and", &[&never, &some])
    )));
    // Everybody is in scope already.
    assert!(!holds(&all("and", &[&never, r#"{"type":"everyone"}"#])));
}

#[test]
fn whether_somebody_is_in_scope_is_read_where_it_decides() {
    let unread = |json: &str| {
        let criteria = parse(json);
        criteria.series().len() - criteria.series_to_read()
    };
    let never = leg(&format!(
        r#""check":"not_exists","within":"1 day",{OVER_50}"#
    ));
    let some = leg(&format!(r#""check":"exists",{OVER_50}"#));
    let few = leg(&count("lt", 2, OVER_50));
    let plan = r#"{"type":"property","property":"plan","operator":"eq","value":"pro"}"#;
    let not = |json: &str| format!(r#"{{"type":"not","condition":{json}}}"#);
    // Whoever matches has done what is counted.
    for json in [
        &some,
        &leg(&count("gte", 1, OVER_50)),
        &not(&never),
        &not(&few),
        &all("and", &[&some, &never, plan]),
        &all("or", &[&some, &not(&never)]),
        &not(&all("or", &[&few, plan])),
    ] {
        assert_eq!(unread(json), 1, "{json}");
    }
    // Somebody matches who has not.
    for json in [
        &never,
        &all("and", &[&few, plan]),
        &all("and", &[&not(&some), plan]),
        &all("or", &[&some, plan]),
        &all("and", &[&not(&all("and", &[&few, plan])), plan]),
    ] {
        assert_eq!(unread(json), 0, "{json}");
    }
    // An event that is counted as such is read in any case.
    let bare = leg(r#""check":"exists""#);
    assert_eq!(unread(&bare), 0);
    assert_eq!(unread(&all("and", &[&some, &bare])), 0);
}
