//! What documents say.

use super::{OVER_50, leg, parse};
use hogsend_core::criteria::{
    Criteria, EventRow, Field, Filter, Path, PropertyValue, Scalar, Zones,
};
use hogsend_core::time::{Instant, Span};

fn canonical(rest: &str) -> String {
    parse(&leg(rest)).canonical()
}

/// Berlin in 2026, and a zone in which a day of it does not begin at midnight.
struct Some2026;

impl Zones for Some2026 {
    fn instant(&self, zone: &str, local: i64) -> Option<Instant> {
        let text = Instant(local).to_iso();
        let month_and_day: (u8, u8) = (text[5..7].parse().ok()?, text[8..10].parse().ok()?);
        let hours = match (zone, month_and_day) {
            ("Europe/Berlin", (4..=9, _) | (3, 30..)) => -2,
            ("Europe/Berlin", _) => -1,
            ("Africa/Cairo", (4, 24)) => -1,
            ("Africa/Cairo", _) => -2,
            _ => return None,
        };
        Some(Instant(local).plus(Span(hours * Span::HOUR.0)))
    }

    fn local(&self, _: &str, _: Instant) -> Option<i64> {
        None
    }

    fn next_change(&self, _: &str, _: Instant) -> Option<Instant> {
        None
    }
}

fn in_zone(date: &str, zone: &str) -> String {
    let json = leg(&format!(
        r#""check":"exists","since":"{date}","zone":"{zone}""#
    ));
    let criteria = Criteria::parse_in(&json, &Some2026);
    criteria
        .unwrap_or_else(|wrong| panic!("{wrong:?}"))
        .canonical()
}

#[test]
fn dates_are_days_of_the_zone() {
    for (date, zone, since) in [
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00Z"),
        ("2026-04-24", "Africa/Cairo", "2026-04-23T23:00:00Z"),
        ("2026-03-29", "utc", "2026-03-29T00:00:00Z"),
        // An instant says itself where it is.
        (
            "2026-03-29T00:00-03:00",
            "Europe/Berlin",
            "2026-03-29T03:00:00Z",
        ),
    ] {
        let form =
            format!(r#"{{"type":"event","eventName":"a","check":"exists","since":"{since}"}}"#);
        assert_eq!(in_zone(date, zone), form);
        assert_eq!(parse(&form).canonical(), form);
    }
    let json = leg(r#""check":"exists","within":"1 day","zone":"Europe/Berlin""#);
    let problems = Criteria::parse_in(&json, &Some2026).expect_err("a zone of nothing");
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].path.as_str(), problems[0].message.as_str()),
        (
            "$.zone",
            r#""zone" says nothing without "since" or "until""#
        )
    );
}

#[test]
fn instants_are_read_in_every_form() {
    let since = |text: &str| canonical(&format!(r#""check":"exists","since":"{text}""#));
    let form = |text: &str| {
        format!(r#"{{"type":"event","eventName":"a","check":"exists","since":"{text}"}}"#)
    };
    for (text, at) in [
        ("2026-05-01", "2026-05-01T00:00:00Z"),
        ("2026-05-01T10:20Z", "2026-05-01T10:20:00Z"),
        ("2026-05-01 10:20:30+00", "2026-05-01T10:20:30Z"),
        ("2026-05-01t10:20:30z", "2026-05-01T10:20:30Z"),
        ("2026-05-01T10:20:30.5Z", "2026-05-01T10:20:30.5Z"),
        ("2026-05-01T10:20:30,123456Z", "2026-05-01T10:20:30.123456Z"),
        (
            "2026-05-01T10:20:30.1234564Z",
            "2026-05-01T10:20:30.123456Z",
        ),
        (
            "2026-05-01T10:20:30.1234565Z",
            "2026-05-01T10:20:30.123457Z",
        ),
        ("2026-12-31T23:59:59.9999999Z", "2027-01-01T00:00:00Z"),
        ("2026-05-01T10:20:30+02:00", "2026-05-01T08:20:30Z"),
        ("2026-05-01T10:20:30+0230", "2026-05-01T07:50:30Z"),
        ("2026-05-01T10:20:30-15:59", "2026-05-02T02:19:30Z"),
        ("2026-05-01T24:00Z", "2026-05-02T00:00:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        ("2000-02-29", "2000-02-29T00:00:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        (" 2026-05-01 ", "2026-05-01T00:00:00Z"),
    ] {
        assert_eq!(since(text), form(at), "{text}");
    }
}

/// Everything that may be written in several ways is the same, and is written in one.
#[test]
fn one_meaning_has_one_form() {
    let form = concat!(
        r#"{"type":"event","eventName":["a","b"],"check":"count","operator":"gte","value":3,"#,
        r#""within":{"seconds":5184000},"olderThan":{"seconds":2592000},"#,
        r#""since":"2026-01-01T00:00:00Z","until":"2026-06-01T00:00:00Z","#,
        r#""where":{"type":"composite","operator":"and","conditions":["#,
        r#"{"type":"property","property":"amount","operator":"gt","value":50},"#,
        r#"{"type":"not","condition":{"type":"property","property":"$source","operator":"eq","value":"web"}}]}}"#
    );
    let spelled = r#" { "zone": "utc", "until": "2026-06-01T02:00+02", "olderThan": "30 days",
        "where": {"conditions": [
            {"operator": "gt", "value": 5e1, "property": ["amount"], "type": "property"},
            {"condition": {"value": "web", "operator": "eq", "property": ["$source"],
             "type": "property"}, "type": "not"}], "type": "composite", "operator": "and"},
        "since": "2026-01-01", "within": {"days": 60}, "value": 3.0, "operator": "gte",
        "check": "count", "eventName": ["b","a","b"], "type": "event" }"#;
    assert_eq!(parse(form).canonical(), form);
    assert_eq!(parse(spelled).canonical(), form);
    let picked = concat!(
        r#"{"type":"event","eventName":"a","check":"not_exists","within":{"seconds":60},"#,
        r#""where":{"type":"property","property":["a",0],"operator":"exists"},"pick":"first","#,
        r#""having":{"type":"property","property":"$value","operator":"lt","value":0.5}}"#
    );
    assert_eq!(parse(picked).canonical(), picked);
    assert_eq!(
        canonical(r#""check":"exists""#),
        parse(r#"{"type":"event","eventName":["a"],"check":"exists"}"#).canonical()
    );
}

struct Row {
    properties: &'static str,
    value: Option<&'static str>,
    source: Option<&'static str>,
}

impl EventRow for Row {
    fn field(&self, field: &Field) -> Option<PropertyValue> {
        match field {
            Field::Value => self.value.map(PropertyValue::parse),
            Field::Source => self
                .source
                .map(|source| PropertyValue::String(source.into())),
            Field::Property(path) => {
                let key = Path::of_key(path.key());
                let steps = [hogsend_core::criteria::Step::Key(key.key().to_owned())];
                let steps: Vec<_> = steps
                    .into_iter()
                    .chain(path.rest().iter().cloned())
                    .collect();
                PropertyValue::parse_at(self.properties, &steps)
            }
        }
    }
}

fn filter(json: &str) -> Filter {
    let criteria = parse(&leg(&format!(r#""check":"exists","where":{json}"#)));
    let filter = criteria.series()[0].of.filter.as_ref();
    filter.expect("a filter").as_ref().clone()
}

fn test(property: &str, rest: &str) -> String {
    format!(r#"{{"type":"property","property":{property},{rest}}}"#)
}

#[test]
fn filters_ask_events() {
    let row = Row {
        properties: r#"{"amount": 50.5, "items": [{"sku": "x1"}], "value": 7, "gone": null}"#,
        value: Some("19.90"),
        source: Some("web"),
    };
    let bare = Row {
        properties: "7",
        value: None,
        source: None,
    };
    for (property, rest, of_row, of_bare) in [
        (r#""amount""#, r#""operator":"gt","value":50"#, true, false),
        (
            r#""amount""#,
            r#""operator":"gt","value":50.5"#,
            false,
            false,
        ),
        (
            r#"["items",0,"sku"]"#,
            r#""operator":"eq","value":"x1""#,
            true,
            false,
        ),
        (
            r#"["items",1,"sku"]"#,
            r#""operator":"not_exists""#,
            true,
            true,
        ),
        (
            r#""$value""#,
            r#""operator":"eq","value":19.9"#,
            true,
            false,
        ),
        (r#""value""#, r#""operator":"eq","value":7"#, true, false),
        (
            r#""$source""#,
            r#""operator":"in","value":["web","app"]"#,
            true,
            false,
        ),
        (
            r#""$source""#,
            r#""operator":"neq","value":"web""#,
            false,
            true,
        ),
        (r#""gone""#, r#""operator":"exists""#, false, false),
    ] {
        let json = test(property, rest);
        assert_eq!(filter(&json).passes(&row, &Some2026), of_row, "{json}");
        assert_eq!(filter(&json).passes(&bare, &Some2026), of_bare, "{json}");
        let not = filter(&format!(r#"{{"type":"not","condition":{json}}}"#));
        assert_eq!(not.passes(&row, &Some2026), !of_row, "not {json}");
    }
    let both = |operator: &str| {
        let dear = test(r#""amount""#, r#""operator":"gt","value":50"#);
        let app = test(r#""$source""#, r#""operator":"eq","value":"app""#);
        let json = format!(
            r#"{{"type":"composite","operator":"{operator}","conditions":[{dear},{app}]}}"#
        );
        filter(&json).passes(&row, &Some2026)
    };
    assert!(!both("and") && both("or"));
}

/// Where one value decides, it is looked up.
#[test]
fn equality_is_known() {
    let germany = test(
        r#"["address","country"]"#,
        r#""operator":"eq","value":"DE""#,
    );
    let dear = test(r#""amount""#, r#""operator":"gt","value":50"#);
    let several = |operator: &str| {
        format!(r#"{{"type":"composite","operator":"{operator}","conditions":[{dear},{germany}]}}"#)
    };
    let known = |json: &str| filter(json).equality().map(|(_, value)| value.clone());
    let de = Some(Scalar::String("DE".into()));
    assert_eq!(known(&germany), de);
    assert_eq!(known(&several("and")), de);
    assert_eq!(known(&several("or")), None);
    assert_eq!(known(&dear), None);
    assert_eq!(
        known(&format!(r#"{{"type":"not","condition":{germany}}}"#)),
        None
    );
    let filter = filter(&several("or"));
    let mut asked = Vec::new();
    filter.fields(&mut |field| asked.push(field.clone()));
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], Field::Property(Path::of_key("amount")));
    assert_eq!(filter.text(), several("or"));
    assert_eq!(OVER_50, format!(r#""where":{dear}"#));
}
