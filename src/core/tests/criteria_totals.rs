//! What is kept of a series: what it comes to, who asks for it, and that it answers what the rows would.

use hogsend_core::criteria::{
    Criteria, Enough, Facts, InnerNo, Membership, NoZones, PropertyNo, PropertyValue, Scalar,
    Series, SeriesNo, Taken, Total, Zones,
};
use hogsend_core::decimal::Decimal;
use hogsend_core::time::Instant;

fn criteria(json: &str) -> Criteria {
    Criteria::parse(json).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

fn number(text: &str) -> Decimal {
    Decimal::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
}

fn taken(text: &str) -> Taken {
    Some(Scalar::Number(number(text)))
}

fn total(numbers: &[&str]) -> Total {
    let mut total = Total::default();
    for (at, text) in (0..).zip(numbers) {
        total.add(Instant(at), &taken(text), true);
    }
    total
}

/// Somebody of whom nothing was read: only the total of the one series is known.
struct Kept(Total);

impl Facts for Kept {
    fn series(&self, _: SeriesNo) -> Series<'_> {
        Series {
            from: Instant::INFINITY,
            ..Series::default()
        }
    }

    fn total(&self, series: SeriesNo) -> Option<&Total> {
        (series.index() == 0).then_some(&self.0)
    }

    fn property(&self, _: PropertyNo) -> Option<&PropertyValue> {
        None
    }

    fn membership(&self, _: InnerNo) -> Membership {
        Membership::Never
    }

    fn user(&self) -> &str {
        "u"
    }

    fn live_contact(&self) -> bool {
        true
    }

    fn zones(&self) -> &dyn Zones {
        &NoZones
    }
}

fn holds(json: &str, total: &Total) -> bool {
    // Nobody but those in scope is asked about, and who has a contact is.
    let everyone = r#"{"type":"everyone"}"#;
    let json =
        format!(r#"{{"type":"composite","operator":"and","conditions":[{json},{everyone}]}}"#);
    let verdict = criteria(&json).evaluate(&Kept(total.clone()), Instant(1_000));
    assert_eq!(verdict.look_at, None, "no clock is in it: {json}");
    verdict.truth
}

#[test]
fn a_total_is_that_of_all_that_was_added() {
    let total = total(&["2.50", "-1e3", "0.001"]);
    assert_eq!(total.count, 3);
    assert_eq!(total.sum, number("-997.499"));
    assert_eq!(total.ends, Some((number("-1000"), number("2.5"))));
    assert_eq!(total.span, Some((Instant(0), Instant(2))));
}

#[test]
fn what_is_no_number_is_counted_only_where_nothing_is_measured() {
    let mut measured = Total::default();
    measured.add(Instant(7), &None, true);
    assert_eq!(
        (measured.count, measured.span),
        (0, Some((Instant(7), Instant(7))))
    );
    let mut counted = Total::default();
    counted.add(Instant(7), &None, false);
    assert_eq!(counted.count, 1);
    assert_eq!(counted.ends, None);
}

#[test]
fn parts_come_to_the_whole() {
    let mut whole = total(&["5", "3"]);
    let mut part = Total::default();
    part.add(Instant(-9), &taken("8"), true);
    part.add(Instant(1), &None, true);
    whole.add_all(&part);
    assert_eq!((whole.count, whole.sum.clone()), (3, number("16")));
    assert_eq!(whole.ends, Some((number("3"), number("8"))));
    assert_eq!(whole.span, Some((Instant(-9), Instant(1))));
    let before = whole.clone();
    whole.add_all(&Total::default());
    assert_eq!(whole, before);
    let mut nothing = Total::default();
    nothing.add_all(&before);
    assert_eq!(nothing, before);
}

#[test]
fn long_numbers_are_not_kept() {
    assert!(total(&["1e400", "0.5"]).can_be_kept());
    assert!(total(&["1e999", "1e-1000"]).can_be_kept());
    assert!(!total(&["1e1000"]).can_be_kept());
    assert!(!total(&["1e1000", "-1e1000"]).can_be_kept());
    let long = format!("0.{}", "7".repeat(1_001));
    assert!(!total(&[&long]).can_be_kept());
}

#[test]
fn measures_of_a_lifetime_follow_from_it() {
    let some = total(&["10", "20", "60"]);
    let leg = |check: &str, operator: &str, value: &str| {
        format!(
            r#"{{"type":"event","eventName":"buy","check":"{check}","operator":"{operator}","value":{value}}}"#
        )
    };
    for (check, value) in [("sum", "90"), ("avg", "30"), ("min", "10"), ("max", "60")] {
        assert!(holds(&leg(check, "eq", value), &some), "{check}");
        assert!(!holds(&leg(check, "gt", value), &some), "{check}");
    }
    let none = Total::default();
    assert!(holds(&leg("sum", "eq", "0"), &none));
    for check in ["avg", "min", "max"] {
        for operator in ["eq", "lte", "gte"] {
            assert!(
                !holds(&leg(check, operator, "0"), &none),
                "{check} {operator}"
            );
        }
    }
    let third = total(&["1", "0", "0"]);
    assert!(holds(&leg("avg", "gt", "0.3333333333"), &third));
    assert!(holds(&leg("avg", "lt", "0.3333333334"), &third));
}

const WHERE: &str = r#""where":{"type":"property","property":"k","operator":"eq","value":1}"#;

#[test]
fn a_filtered_count_of_a_lifetime_follows_from_it() {
    let mut seven = Total::default();
    (0..7).for_each(|at| seven.add(Instant(at), &None, false));
    let leg = |operator: &str, value: u64| {
        format!(
            r#"{{"type":"event","eventName":"buy","check":"count","operator":"{operator}","value":{value},{WHERE}}}"#
        )
    };
    for (operator, value, truth) in [
        ("gte", 7, true),
        ("gt", 7, false),
        ("eq", 7, true),
        ("lt", 7, false),
        ("lte", 7, true),
    ] {
        assert_eq!(
            holds(&leg(operator, value), &seven),
            truth,
            "{operator} {value}"
        );
    }
}

#[test]
fn comparisons_take_either_side_from_it() {
    let json = r#"{"type":"compare","left":{"eventName":"buy","check":"sum"},"operator":"gt",
                   "right":{"eventName":"buy","check":"sum","within":"7 days"}}"#;
    // Of the other side nothing is there.
    assert!(holds(json, &total(&["1"])));
    assert!(!holds(json, &total(&["-1"])));
}

/// Which of the series of a document are kept, and what must be read of each even so.
fn plan(json: &str) -> Vec<(bool, Vec<Enough>)> {
    let criteria = criteria(json);
    let counted = criteria.series().iter().take(criteria.series_to_read());
    counted
        .map(|need| (need.keeps_total, need.beside_total.clone()))
        .collect()
}

#[test]
fn only_what_has_no_edge_that_moves_is_kept() {
    let kept = |rest: &str| plan(&format!(r#"{{"type":"event","eventName":"buy",{rest}}}"#))[0].0;
    let filtered = format!(r#""check":"count","operator":"gte","value":3,{WHERE}"#);
    assert!(kept(&filtered));
    assert!(kept(&format!(
        r#"{filtered},"since":"2026-01-01T00:00:00Z""#
    )));
    assert!(kept(r#""check":"sum","operator":"gte","value":3"#));
    assert!(kept(r#""check":"max","operator":"gte","value":3,"of":"x""#));
    for rest in [
        format!(r#"{filtered},"within":"7 days""#),
        format!(r#"{filtered},"olderThan":"7 days""#),
        r#""check":"count","operator":"gte","value":3"#.into(),
        r#""check":"sum","operator":"gte","value":3,"within":"7 days""#.into(),
        r#""check":"sum","operator":"gte","value":3,"olderThan":"7 days""#.into(),
        r#""check":"distinct","of":"x","operator":"gte","value":3"#.into(),
        format!(r#""check":"exists","pick":"last",{WHERE}"#),
    ] {
        assert!(!kept(&rest), "{rest}");
    }
}

#[test]
fn what_others_ask_of_the_same_series_is_read_beside_it() {
    let leg = |rest: &str| format!(r#"{{"type":"event","eventName":"buy",{WHERE},{rest}}}"#);
    let both = |one: &str, other: &str| {
        plan(&format!(
            r#"{{"type":"composite","operator":"and","conditions":[{},{}]}}"#,
            leg(one),
            leg(other)
        ))
    };
    let count = r#""check":"count","operator":"gte","value":1"#;
    assert_eq!(plan(&leg(count)), [(true, vec![])]);
    // The last of them must be known, although one is what the count asks for, too.
    let last = both(count, r#""check":"exists","pick":"last","within":"7 days""#);
    assert_eq!(last, [(true, vec![Enough::count(1)])]);
    let windowed = both(count, r#""check":"exists","within":"7 days""#);
    assert_eq!(windowed.len(), 1);
    assert_eq!(windowed[0].1.len(), 1);
}

#[test]
fn names_tell_series_apart_and_are_for_ever() {
    let name = |rest: &str| {
        let json = format!(r#"{{"type":"event","eventName":"buy",{rest}}}"#);
        criteria(&json).series()[0].of.name()
    };
    let sum = r#""check":"sum","operator":"gte","value":3"#;
    let filtered = format!(r#""check":"count","operator":"gte","value":3,{WHERE}"#);
    // One changed character would leave what was kept to nobody.
    assert_eq!(name(sum), "9102f293e97b01277d19e16f10cd64e7");
    assert_eq!(name(&filtered), "450b5e9981b90b0fb26a12c5fa6bc642");
    let all = [
        name(sum),
        name(&filtered),
        name(&format!("{sum},{WHERE}")),
        name(&format!(r#"{sum},"of":"x""#)),
        name(&format!(r#"{sum},"since":"2026-01-01T00:00:00Z""#)),
        name(&format!(r#"{sum},"until":"2026-01-01T00:00:00Z""#)),
        criteria(r#"{"type":"event","eventName":["buy","pay"],"check":"sum","operator":"gte","value":3}"#)
            .series()[0]
            .of
            .name(),
    ];
    for (place, one) in all.iter().enumerate() {
        assert_eq!(all.iter().position(|other| other == one), Some(place));
    }
    // Whatever is asked of it, and however it is written, it is the same.
    assert_eq!(
        name(r#""value":7.0,"operator":"lt","check":"avg","of":"$value""#),
        name(sum)
    );
}
