//! What right documents mean: windows to the microsecond, which facts are needed, one canonical
//! form for each meaning, values of properties as `jsonb` prints them.

use hogsend_core::criteria::{Condition, Criteria, Leg, Path, PropertyValue, Scope, Step};
use hogsend_core::decimal::Decimal;

const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;
const SECOND: i64 = 1_000_000;

fn event(rest: &str) -> String {
    format!(r#"{{"type":"event","eventName":"paid",{rest}}}"#)
}

fn parse(json: &str) -> Criteria {
    Criteria::parse(json).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

fn window(json: &str) -> Option<i64> {
    let criteria = parse(&event(&format!(r#""check":"exists","within":{json}"#)));
    let Condition::Leg(Leg::Event(leg)) = criteria.root() else {
        panic!("{criteria:?}")
    };
    leg.within.map(|span| span.0)
}

#[test]
fn windows_are_exact() {
    for (json, micros) in [
        (r#"{"days":14}"#, 14 * DAY),
        (
            r#"{"days":1,"hours":2,"minutes":3,"seconds":4.5}"#,
            DAY + 2 * HOUR + 184_500_000,
        ),
        (r#"{"days":0.5}"#, 12 * HOUR),
        (r#"{"days":1.4e1}"#, 14 * DAY),
        (r#"{"hours":-1,"days":1}"#, 23 * HOUR),
        // A third of a day and a tenth of a second have no exact binary fraction.
        (r#"{"seconds":0.1}"#, 100_000),
        (r#"{"days":0.33333333333333333333}"#, 28_800_000_000),
        (
            r#"{"days":0.1,"hours":0.1,"minutes":0.1,"seconds":0.1}"#,
            9_006_100_000,
        ),
        // Parts are summed before they are rounded, half away from zero.
        (r#"{"seconds":0.0000005}"#, 1),
        (r#"{"seconds":0.0000014}"#, 1),
        (r#"{"seconds":1.0000005}"#, SECOND + 1),
        (r#"{"seconds":0.00000049999999999999999999}"#, 0),
        (r#"{"seconds":1.00000049999999999999999999}"#, SECOND),
        (r#"{"minutes":0.000000005,"seconds":0.0000002}"#, 1),
        (r#"{"seconds":9223372036854.775807}"#, i64::MAX),
        (
            r#"{"days":106751991.5,"hours":-24}"#,
            106_751_990 * DAY + 12 * HOUR,
        ),
        (r#"{"days":1,"seconds":1e-400}"#, DAY),
    ] {
        if micros == 0 {
            let json = event(&format!(r#""check":"exists","within":{json}"#));
            assert!(Criteria::parse(&json).is_err());
            continue;
        }
        assert_eq!(window(json), Some(micros), "{json}");
    }
}

#[test]
fn windows_as_strings() {
    for (text, micros) in [
        ("14 days", 14 * DAY),
        ("1 day", DAY),
        (" 1 DAY ", DAY),
        ("1day 12hours", 36 * HOUR),
        ("1 day 12 hours", 36 * HOUR),
        ("90 minutes", 90 * 60 * SECOND),
        ("1.5 hours", 90 * 60 * SECOND),
        (".5 hours", 30 * 60 * SECOND),
        ("+1 day -2 hours", 22 * HOUR),
        ("36:00:00", 36 * HOUR),
        ("00:30", 30 * 60 * SECOND),
        (
            "2 days 03:04:05.5",
            2 * DAY + 3 * HOUR + 4 * 60 * SECOND + 5_500_000,
        ),
        ("1 day -00:00:01", DAY - SECOND),
        (
            "@ 2 days 3 hours 4 mins 5.5 secs",
            2 * DAY + 3 * HOUR + 245_500_000,
        ),
        ("1 week", 7 * DAY),
        (
            "2 w 1 d 1 h 1 m 1 s 1 ms 1 us",
            15 * DAY + HOUR + 61_001_001,
        ),
        ("3 hrs 2 min 1 sec", 3 * HOUR + 121 * SECOND),
        ("250 milliseconds", 250_000),
        ("7 microseconds", 7),
        ("0.3 microseconds 0.2 us", 1),
        ("P14D", 14 * DAY),
        ("PT36H", 36 * HOUR),
        ("p1dt12h", 36 * HOUR),
        ("P2W", 14 * DAY),
        ("P1DT2H3M4.5S", DAY + 2 * HOUR + 184_500_000),
        ("P1DT-1H", 23 * HOUR),
        ("PT0.000001S", 1),
    ] {
        assert_eq!(window(&format!("{text:?}")), Some(micros), "{text}");
    }
}

#[test]
fn facts_needed() {
    let ranks = |check: &str| {
        let criteria = parse(&event(check));
        let [need] = criteria.series() else {
            panic!("{criteria:?}")
        };
        assert_eq!(need.of.events, ["paid"]);
        need.ranks.clone()
    };
    let count = |operator, n: &str| {
        ranks(&format!(
            r#""check":"count","operator":"{operator}","value":{n}"#
        ))
    };
    assert_eq!(ranks(r#""check":"exists""#), [1]);
    assert_eq!(ranks(r#""check":"not_exists","within":"1 day""#), [1]);
    assert_eq!(ranks(r#""check":"count""#), [1]);
    assert_eq!(count("gte", "5"), [1, 5]);
    assert_eq!(count("gt", "5"), [1, 6]);
    assert_eq!(count("lt", "5"), [1, 5]);
    assert_eq!(count("lte", "5"), [1, 6]);
    assert_eq!(count("eq", "5"), [1, 5, 6]);
    assert_eq!(count("eq", "0"), [1]);
    assert_eq!(count("eq", "1"), [1, 2]);
    assert_eq!(count("gte", "0"), [1]);
    assert_eq!(count("lt", "0"), [1]);
    let most = i64::MAX as u64 / 4;
    for huge in ["1e400", "18446744073709551615", "2305843009213693952"] {
        assert_eq!(count("eq", huge), [1, most, most + 1], "{huge}");
    }
}

#[test]
fn facts_of_several_legs_are_merged_in_the_order_of_first_use() {
    let criteria = parse(
        r#"{"type":"composite","operator":"and","conditions":[
            {"type":"event","eventName":"b","check":"count","operator":"gte","value":9},
            {"type":"property","property":"plan","operator":"exists"},
            {"type":"composite","operator":"or","conditions":[
                {"type":"event","eventName":"a","check":"exists"},
                {"type":"event","eventName":"b","check":"count","operator":"eq","value":2},
                {"type":"property","property":"age","operator":"gt","value":17},
                {"type":"property","property":"plan","operator":"eq","value":"pro"}]}]}"#,
    );
    let events: Vec<_> = criteria
        .series()
        .iter()
        .map(|need| (need.of.events[0].as_str(), need.ranks.as_slice()))
        .collect();
    assert_eq!(events, [("b", &[1, 2, 3, 9][..]), ("a", &[1])]);
    assert_eq!(criteria.properties(), ["plan", "age"].map(Path::of_key));
    assert_eq!(criteria.scope(), Scope::Everybody);
    let involved = parse(&event(r#""check":"exists""#));
    assert_eq!(involved.scope(), Scope::Involved);
}

#[test]
fn paths() {
    let read = |path: &str| {
        let text = format!(r#"{{"type":"property","property":{path},"operator":"exists"}}"#);
        let criteria = parse(&text);
        (criteria.properties()[0].clone(), criteria.canonical())
    };
    let form =
        |path: &str| format!(r#"{{"type":"property","property":{path},"operator":"exists"}}"#);
    let key = |key: &str| Step::Key(key.into());
    let country = Path::of_key("address").then(key("country"));
    for (written, path, canonical) in [
        (r#""plan""#, Path::of_key("plan"), r#""plan""#),
        (r#"["plan"]"#, Path::of_key("plan"), r#""plan""#),
        (r#""a.b""#, Path::of_key("a.b"), r#""a.b""#),
        (
            r#"[ "address", "c\u006funtry" ]"#,
            country,
            r#"["address","country"]"#,
        ),
        (
            r#"["tags",0.0,"0",1e1]"#,
            Path::of_key("tags")
                .then(Step::Position(0))
                .then(key("0"))
                .then(Step::Position(10)),
            r#"["tags",0,"0",10]"#,
        ),
        (
            r#"["tags",4294967295]"#,
            Path::of_key("tags").then(Step::Position(u32::MAX)),
            r#"["tags",4294967295]"#,
        ),
    ] {
        assert_eq!(read(written), (path, form(canonical)), "{written}");
        assert_eq!(read(canonical).1, form(canonical), "{written}");
    }
}

#[test]
fn values_on_paths() {
    let value = |json: &str, path: &str| {
        let text = format!(r#"{{"type":"property","property":{path},"operator":"exists"}}"#);
        let criteria = parse(&text);
        PropertyValue::parse_at(json, criteria.properties()[0].rest())
    };
    let json = r#" {"a": [ {"0": "x"}, [7, null] ], "b": {"c": {}}, "0": true} "#;
    assert!(matches!(value(json, r#""p""#), Some(PropertyValue::Opaque)));
    assert!(matches!(
        value(json, r#"["p","a",0,"0"]"#),
        Some(PropertyValue::String(x)) if x == "x"
    ));
    assert!(matches!(
        value(json, r#"["p","a",1,0]"#),
        Some(PropertyValue::Number(n)) if n == Decimal::parse("7").unwrap()
    ));
    assert!(matches!(
        value(json, r#"["p","a",1,1]"#),
        Some(PropertyValue::Null)
    ));
    assert!(matches!(
        value(json, r#"["p","b","c"]"#),
        Some(PropertyValue::Opaque)
    ));
    assert!(matches!(
        value(json, r#"["p","0"]"#),
        Some(PropertyValue::Bool(true))
    ));
    // A position is none of an object, and a name none of an array; nothing is below a scalar.
    for path in [
        r#"["p",0]"#,
        r#"["p","a","0"]"#,
        r#"["p","a",2]"#,
        r#"["p","a",1,0,"x"]"#,
        r#"["p","a",1,0,0]"#,
        r#"["p","b","d"]"#,
        r#"["p","b",0]"#,
        r#"["p","a",4294967295]"#,
    ] {
        assert!(value(json, path).is_none(), "{path}");
    }
    assert!(value("{", r#"["p","a"]"#).is_none());
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(value(&deep, r#"["p",0,0,0,0]"#).is_some());
}

#[test]
fn one_meaning_has_one_canonical_form() {
    let canonical = |json: &str| parse(json).canonical();
    let form = r#"{"type":"event","eventName":"paid","check":"count","operator":"gte","value":3,"within":{"seconds":1209600}}"#;
    for json in [
        form,
        r#" { "within" : "14 days", "value": 3.0, "operator":"gte","check":"count",
            "eventName":"p\u0061id", "type":"event" } "#,
        r#"{"type":"event","eventName":"paid","check":"count","operator":"gte","value":30e-1,"within":{"days":13,"hours":24.0}}"#,
        r#"{"type":"event","eventName":"paid","check":"count","operator":"gte","value":3,"within":"P2W"}"#,
    ] {
        assert_eq!(canonical(json), form);
    }
    let property = |value: &str| {
        canonical(&format!(
            r#"{{"value":{value},"property":"a\"b","operator":"eq","type":"property"}}"#
        ))
    };
    let form = r#"{"type":"property","property":"a\"b","operator":"eq","value":1}"#;
    assert_eq!(property("1.00"), form);
    assert_eq!(property("10e-1"), form);
    // What is different stays different: types, digits, the order of conditions.
    assert_ne!(property("\"1\""), property("1"));
    assert_ne!(
        property("12345678901234567890.1"),
        property("12345678901234567890.2")
    );
    assert_ne!(property("true"), property("\"true\""));
    let two = |first: &str, second: &str| {
        let legs = [event(first), event(second)].join(",");
        canonical(&format!(
            r#"{{"type":"composite","conditions":[{legs}],"operator":"or"}}"#
        ))
    };
    let (once, lately) = (
        r#""check":"exists""#,
        r#""check":"exists","within":{"seconds":1e-6}"#,
    );
    assert_ne!(two(once, lately), two(lately, once));
    assert_eq!(
        two(once, lately),
        r#"{"type":"composite","operator":"or","conditions":[{"type":"event","eventName":"paid","check":"exists"},{"type":"event","eventName":"paid","check":"exists","within":{"seconds":0.000001}}]}"#
    );
    let exists = r#"{"type":"property","property":"p","operator":"exists"}"#;
    assert_eq!(canonical(&exists.replace("}", r#","value":null}"#)), exists);
}

#[test]
fn values_of_properties() {
    use PropertyValue::{Array, Bool, Null, Number, Opaque, String};
    let number = |text| Decimal::parse(text).unwrap();
    assert!(matches!(PropertyValue::parse("null"), Null));
    assert!(matches!(PropertyValue::parse(" true\n"), Bool(true)));
    assert!(matches!(PropertyValue::parse("false"), Bool(false)));
    assert!(matches!(PropertyValue::parse("1e400"), Number(n) if n == number("10e399")));
    assert!(matches!(
        PropertyValue::parse("-12345678901234567890123.10"),
        Number(n) if n == number("-12345678901234567890123.1")
    ));
    assert!(matches!(PropertyValue::parse(r#""a\nbé\u00e9""#), String(s) if s == "a\nbéé"));
    for text in [
        "",
        "nul",
        "nullx",
        "truex",
        "1 2",
        "01",
        "\"a",
        "\"a\" 1",
        "[1",
        "[1] 2",
        "{}",
        "{\"a\":1}",
        "\"\\ud800\"",
        "1e99999999999999999999999",
        "'a'",
        "NaN",
    ] {
        assert!(matches!(PropertyValue::parse(text), Opaque), "{text}");
    }
    let Array(items) = PropertyValue::parse(r#" [1, "a", null, [1], {"a": 2}, true, "\ud800"] "#)
    else {
        panic!("no array");
    };
    assert!(matches!(
        items.as_slice(),
        [
            Number(_),
            String(_),
            Null,
            Opaque,
            Opaque,
            Bool(true),
            Opaque
        ]
    ));
    assert!(matches!(PropertyValue::parse("[]"), Array(items) if items.is_empty()));
}
