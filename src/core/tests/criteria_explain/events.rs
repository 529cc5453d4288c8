//! What is asked of single events and of ranges with two ends.

use super::{User, ago, count, did, event, leg};
use hogsend_core::time::Instant;

const OVER_50: &str =
    r#","where":{"type":"property","property":"amount","operator":"gt","value":50}"#;
const DAYS: i64 = 24;

fn days_ago(days: &[i64]) -> User {
    let hours: Vec<i64> = days.iter().map(|day| day * DAYS).collect();
    did("app.opened", &hours)
}

#[test]
fn filtered_counts() {
    let json = count("gte", "3", &format!(r#","within":{{"days":60}}{OVER_50}"#));
    let asked = "app.opened with amount > 50 at least 3 times in the last 60 days";
    let tell = |days: &[i64], told: &str| leg(&json, &days_ago(days), &format!("{asked} | {told}"));
    tell(&[], "false | none such, ever");
    let told = "false | 2 of 3 app.opened with amount > 50 in the last 60 days; latest h-24; \
                the oldest leaves the window on h+960";
    assert_eq!(tell(&[1, 20], told), None);
    let told = "true | 3 times; latest h-24; the oldest leaves the window on h+720";
    assert_eq!(tell(&[1, 20, 30], told), Some(ago(-720).next()));
    tell(
        &[70],
        "false | none in the window; latest h-1680, 70 days ago",
    );
}

#[test]
fn filters() {
    let tell = |filter: &str, said: &str| {
        let json = event(&format!(r#""check":"exists","where":{filter}"#));
        let asked = format!("app.opened with {said} at least once");
        leg(
            &json,
            &days_ago(&[]),
            &format!("{asked} | false | none such, ever"),
        );
    };
    let test = |property: &str, rest: &str| {
        format!(r#"{{"type":"property","property":{property},{rest}}}"#)
    };
    let de = test(
        r#"["address","country"]"#,
        r#""operator":"eq","value":"DE""#,
    );
    let dear = test(r#""$value""#, r#""operator":"gte","value":50.5"#);
    let web = test(r#""$source""#, r#""operator":"neq","value":"web""#);
    let tagged = test(r#"["tags",0]"#, r#""operator":"exists""#);
    let all = |operator: &str, parts: &[&str]| {
        let parts = parts.join(",");
        format!(r#"{{"type":"composite","operator":"{operator}","conditions":[{parts}]}}"#)
    };
    tell(&de, r#"address.country = "DE""#);
    tell(&web, r#"$source ≠ "web""#);
    tell(&tagged, "tags[0] is set");
    tell(
        &format!(r#"{{"type":"not","condition":{dear}}}"#),
        "not ($value ≥ 50.5)",
    );
    let either = all("or", &[&web, &tagged]);
    let said = r#"$value ≥ 50.5 and ($source ≠ "web" or tags[0] is set)"#;
    tell(&all("and", &[&dear, &either]), said);
    tell(
        &all("or", &[&either, &all("and", &[&dear])]),
        r#"$source ≠ "web" or tags[0] is set or $value ≥ 50.5"#,
    );
}

#[test]
fn ranges() {
    let range = r#","within":{"days":60},"olderThan":{"days":30}"#;
    let tell = |days: &[i64], told: &str| {
        let json = event(&format!(r#""check":"exists"{range}"#));
        let asked = "app.opened at least once between 60 and 30 days ago";
        leg(&json, &days_ago(days), &format!("{asked} | {told}"))
    };
    tell(&[], "false | never");
    let told = "false | none in the window; latest h-480; the next enters the window on h+240";
    assert_eq!(tell(&[20], told), Some(ago(-240).next()));
    let told = "true | once, on h-960; leaves the window on h+480";
    assert_eq!(tell(&[40], told), Some(ago(-480).next()));
    // One comes in before the others have gone.
    let told = "true | 2 times; latest of them h-960; the next enters the window on h+240; \
                3 leave the window by h+960";
    assert_eq!(tell(&[20, 40, 50], told), Some(ago(-960).next()));
    let told = "false | none in the window; latest h-1680";
    assert_eq!(tell(&[70], told), None);

    let old = count("lt", "2", r#","olderThan":{"days":30}"#);
    let asked = "app.opened less than 2 times more than 30 days ago";
    let told = format!("{asked} | true | once, on h-960; the next enters the window on h+480");
    assert_eq!(
        leg(&old, &days_ago(&[10, 40]), &told),
        Some(ago(-480).next())
    );
    let told = format!("{asked} | false | 3 times, 2 too many; latest of them h-960");
    assert_eq!(leg(&old, &days_ago(&[40, 50, 60]), &told), None);

    let mixed = event(r#""check":"not_exists","within":"36 hours","olderThan":"90 minutes""#);
    let told = "no app.opened between 36 hours and 90 minutes ago | true | never";
    leg(&mixed, &days_ago(&[]), told);
}

#[test]
fn absolute_ends_and_several_names() {
    let json = event(r#""check":"exists","since":"1999-12-01","until":"2000-06-01T12:00:00.5+02""#);
    let asked = "app.opened at least once since 1999-12-01 before 2000-06-01 10:00:00.5 UTC";
    let told = format!("{asked} | true | once, on h-24");
    leg(&json, &days_ago(&[1]), &told);
    let json = r#"{"type":"event","eventName":["paid","app.opened","c d"],"check":"not_exists","since":"2000-01-01"}"#;
    let told = r#"no app.opened, "c d" or paid since 2000-01-01 | true | none such, ever"#;
    leg(json, &days_ago(&[]), told);
}

#[test]
fn the_first_and_the_last() {
    let having = r#","having":{"type":"property","property":"plan","operator":"eq","value":"pro"}"#;
    let tell = |check: &str, rest: &str, days: &[i64], told: &str| -> Option<Instant> {
        let json = event(&format!(r#""check":"{check}"{rest}"#));
        leg(&json, &days_ago(days), told)
    };
    let last = r#","pick":"last","within":{"days":7}"#;
    let asked = "the last app.opened was in the last 7 days";
    let told = format!("{asked} | true | the last on h-24; leaves the window on h+144");
    assert_eq!(tell("exists", last, &[1, 2], &told), Some(ago(-144).next()));
    let told = format!("{asked} | false | the last on h-240, 10 days ago");
    tell("exists", last, &[10], &told);
    let told = format!("{asked} | false | never");
    tell("exists", last, &[], &told);
    let first = format!(r#","pick":"first","olderThan":{{"days":7}},"since":"1999-01-01"{having}"#);
    let asked = r#"the first app.opened was not more than 7 days ago since 1999-01-01, with plan = "pro", if there is any"#;
    let told = format!("{asked} | true | the first on h-48; enters the window on h+120");
    assert_eq!(
        tell("not_exists", &first, &[1, 2], &told),
        Some(ago(-120).next())
    );
    let told = format!("{asked} | true | none such, ever");
    tell("not_exists", &first, &[], &told);
    let since = r#","pick":"first","since":"2000-01-01""#;
    let asked = "the first app.opened was since 2000-01-01";
    let told = format!("{asked} | false | the first on h-24, before 2000-01-01");
    tell("exists", since, &[1], &told);
    let told = "the last app.opened is there | true | the last on h-24";
    tell("exists", r#","pick":"last""#, &[1], told);
}
