//! Lists, however their values are written down; and documents whose lists are handed over beside the text.

use hogsend_core::criteria::{
    Condition, Criteria, Leg, List, NoZones, PropertyTest, PropertyValue, Stored, Values,
};
use hogsend_core::decimal::Decimal;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn list(texts: &[String]) -> List {
    let mut values = Values::default();
    texts.iter().for_each(|text| values.string(text));
    List::new(values).unwrap()
}

fn string(text: &str) -> PropertyValue {
    PropertyValue::String(text.into())
}

fn strings(texts: &[&str]) -> PropertyValue {
    PropertyValue::Array(texts.iter().map(|text| string(text)).collect())
}

fn leg(operator: &str, value: &str) -> String {
    format!(r#"{{"type":"property","property":"p","operator":"{operator}","value":{value}}}"#)
}

proptest! {
    /// Of the values nothing matters but which they are: neither their order, nor how often each occurs, how they
    /// begin, or how long they are.
    #[test]
    fn a_list_is_a_set(
        beginning in "a{0,9}",
        ends in prop::collection::vec("[ab\0é]{0,10}", 1..40),
        long in prop::collection::vec(prop::sample::select(vec![127, 128, 129, 16_383, 16_384, 16_385]), 0..3),
    ) {
        let long = long.iter().map(|length| "b".repeat(*length));
        let ends = ends.iter().cloned().chain(long);
        let texts: Vec<String> = ends.map(|end| format!("{beginning}{end}")).collect();
        let known = list(&texts);
        let different: BTreeSet<&String> = texts.iter().collect();
        prop_assert_eq!(known.len(), different.len());
        for text in &texts {
            prop_assert!(known.has(&string(text)));
            for other in [format!("{text}\0"), format!("{text}a"), text.chars().skip(1).collect()] {
                prop_assert_eq!(known.has(&string(&other)), different.contains(&other));
            }
        }
        let all: Vec<&str> = different.iter().map(|text| text.as_str()).collect();
        prop_assert!(known.is_within(&strings(&all)));
        prop_assert!(!known.is_within(&strings(&all[1..])));
        let quoted = serde_json::to_string(&texts).unwrap();
        let sorted = serde_json::to_string(&different).unwrap();
        let criteria = Criteria::parse(&leg("in", &quoted)).unwrap();
        prop_assert_eq!(criteria.canonical(), leg("in", &sorted));
    }
}

#[test]
fn numbers_are_the_same_however_they_are_added() {
    for number in [0, 1, -1, 9_999, 10_000, 123_456, -9_999_999_999_999_999] {
        let mut values = Values::default();
        values.whole(number);
        let known = List::new(values).unwrap();
        let written = Decimal::parse(&format!("{number}.0")).unwrap();
        assert!(
            known.has(&PropertyValue::Number(written.clone())),
            "{number}"
        );
        assert!(!known.has(&string(&number.to_string())));
        let mut values = Values::default();
        values.whole(number);
        values.number(&written);
        assert_eq!(List::new(values).unwrap().len(), 1);
    }
}

#[test]
fn lists_have_values_and_one_type() {
    assert!(List::new(Values::default()).is_none());
    let mut values = Values::default();
    values.string("true");
    values.boolean(true);
    assert!(List::new(values).is_none());
}

/// A document with a list in the place of `[]`.
fn taken_apart(document: &str, texts: &[&str]) -> Stored {
    let (before, after) = document.split_once("[]").unwrap();
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    let mut stored = Stored::default();
    stored.push_str(before);
    stored.push_list(list(&texts));
    stored.push_str(after);
    stored
}

#[test]
fn a_list_that_was_taken_out_is_read_as_if_it_stood_there() {
    let written = r#"["b","A","b"]"#;
    for operator in ["in", "contains_any", "contains_all"] {
        for around in [
            "LIST",
            r#"{"type":"composite","operator":"or","conditions":[{"type":"everyone"},LIST]}"#,
            r#"{"type":"event","eventName":"e","check":"exists","where":LIST}"#,
            r#"{"type":"event","eventName":"e","check":"exists","pick":"last","having":LIST}"#,
        ] {
            let whole = around.replace("LIST", &leg(operator, written));
            let whole = Criteria::parse(&whole).unwrap().canonical();
            let apart = taken_apart(
                &around.replace("LIST", &leg(operator, "[]")),
                &["b", "A", "b"],
            );
            let apart = Criteria::parse_stored(apart, &NoZones).unwrap();
            assert_eq!(apart.canonical(), whole);
        }
    }
    let folded = leg("in", r#"[],"ignoreCase":true"#);
    let apart = Criteria::parse_stored(taken_apart(&folded, &["b", "A"]), &NoZones).unwrap();
    let whole = Criteria::parse(&folded.replace("[]", written)).unwrap();
    assert_eq!(apart.canonical(), whole.canonical());
    let Condition::Leg(Leg::Property(leg)) = apart.root() else {
        panic!("a leg about a property");
    };
    assert!(matches!(leg.test, PropertyTest::Folded(_)));
    assert!(leg.test.passes(Some(&string("a"))));
}

/// Each list is read where it was taken out.
#[test]
fn lists_are_not_mistaken_for_each_other() {
    let document = |lists: [&str; 2]| {
        let [first, second] = lists.map(|list| leg("in", list));
        format!(r#"{{"type":"composite","operator":"or","conditions":[{first},{second}]}}"#)
    };
    let whole = document([r#"["a"]"#, r#"["b"]"#]);
    let apart = document(["LIST", "LIST"]);
    let mut stored = Stored::default();
    for (part, text) in apart.split("LIST").zip(["a", "b", ""]) {
        stored.push_str(part);
        if !text.is_empty() {
            stored.push_list(list(&[text.to_owned()]));
        }
    }
    let criteria = Criteria::parse_stored(stored, &NoZones).unwrap();
    assert_eq!(criteria.canonical(), whole);
}

/// An empty array is none, nor is a list where none belongs.
#[test]
fn only_what_was_taken_out_is_not_in_the_text() {
    let empty = Stored::whole(leg("in", "[]"));
    assert!(Criteria::parse_stored(empty, &NoZones).is_err());
    let misplaced = taken_apart(&leg("eq", "[]"), &["a"]);
    assert!(Criteria::parse_stored(misplaced, &NoZones).is_err());
    let two = r#"{"type":"composite","operator":"or","conditions":[FIRST,SECOND]}"#;
    let two = two.replace("FIRST", &leg("in", "[]"));
    let two = two.replace("SECOND", &leg("in", "[ ]"));
    assert!(Criteria::parse_stored(taken_apart(&two, &["a"]), &NoZones).is_err());
}
