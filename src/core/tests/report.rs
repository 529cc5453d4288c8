//! The page of a report: that it is whole whatever it is made of, and that nothing in it is markup
//! but what the program wrote.

#[path = "report/markup.rs"]
mod markup;

use hogsend_core::criteria::Criteria;
use hogsend_core::report::{Day, Facts, HISTORY, page};
use markup::{Piece, pieces, text_of};
use proptest::prelude::*;
use serde_json::json;

/// Facts in which every text that somebody else may have chosen is `text`.
fn facts_of(text: &str, is_one: bool) -> Facts {
    let id = format!("{text}-id");
    let mut facts = json!({
        "database": text, "role": text, "version": text, "at": text, "zone": text, "today": 9828,
        "checks": [{"name": text, "ok": true, "detail": text}, {"name": text, "ok": false, "detail": text}],
        "defined": 2, "enabled": 1, "contacts": 10, "events": 100,
        "buckets": [
            {"id": id, "name": text, "kind": "query", "active": 12, "entered": 3, "left": 2, "entered_silently": 1,
             "average_stay": 3600.5, "lateness": [0.25, 70.0], "next_due": text, "job": text, "refreshed_at": text,
             "next_refresh": text, "refresh_took": 0.5, "refresh_error": format!("{text}!"),
             "days": [[0, 3, 2, 1, 0], [4, 9, 0, 0, 1]], "forecast": [1, 0, 2]},
            {"id": id, "name": text, "kind": "manual", "enabled": true, "active": 1, "job": text}],
        "days": [[0, 3, 2, 1, 0]], "forecast": [1, 0, 2],
        "consumers": [{"name": text, "shard": 1, "shards": 2, "buckets": [text, text, text, text, text, text],
                       "behind": 3, "age": 5.0, "last_batch": text, "last_ack": text}],
        "feeds": [{"name": text, "kind": text, "relation": text, "import": text, "error": text, "failed": 1}],
        "journeys": [
            {"journey": id, "name": text, "is_taken": true, "label": text, "waiting": 4, "reached": 9, "median": 60.0},
            {"journey": id, "name": text, "is_taken": true, "waiting": 1}],
        "jobs": [{"bucket": text, "mode": text, "status": text, "total": 10, "processed": 5, "moved_at": text, "error": text}],
    });
    if is_one {
        facts["one"] = json!({
            "description": format!("{text} "), "criteria": text, "rules": [[text, text]], "journeys": [text], "looked_at": 100,
            "transitions": [{"at": text, "user": text, "transition": text, "entry": 2, "reason": text, "source": text,
                             "dwell": text, "dwell_count": 2}],
            "members": [{"user": text, "since": text, "entry": 2, "why": [
                {"path": "$.conditions[0]", "condition": text, "result": false, "observed": text, "flips_at": text}]}],
        });
    }
    let mut facts: Facts = serde_json::from_value(facts).expect("facts");
    if let Some(one) = &mut facts.one {
        let leg = json!({"type": "event", "eventName": "x", "check": "exists"});
        let tree = json!({"type": "composite", "operator": "and", "conditions": [leg, {"type": "not", "condition": leg}]});
        let criteria = Criteria::parse(&tree.to_string()).expect("criteria");
        let mut outline = criteria.outline();
        outline.parts[0].words = text.to_owned();
        one.outline = Some(outline);
    }
    facts
}

const HOSTILE: [&str; 12] = [
    "</style><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<!-- ",
    "]]>",
    "&lt;b&gt;&amp;&#60;",
    "\u{202E}gnp.exe",
    "\u{2069}\u{2066}<b>\u{200F}",
    "שלום صباح الخير",
    "🦔🇩🇪👩‍👩‍👧",
    "a\u{1}\u{7F}\r\n\tb",
    "</title></svg></desc><svg onload=alert(1)>",
];

#[test]
fn hostile_names_are_text() {
    for is_one in [false, true] {
        let plain = pieces(&page(&facts_of("x", is_one)));
        for text in HOSTILE {
            let page = page(&facts_of(text, is_one));
            assert_eq!(pieces(&page), plain, "{text:?} changed the markup");
            let shown = markup::shown(text);
            let found = text_of(&page).matches(&shown).count();
            assert!(found > 20, "{text:?} is shown {found} times as {shown:?}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_name_is_it_is_text(text in ".{1,20}") {
        // Equal to its id, it would be said once.
        for is_one in [false, true] {
            let plain = pieces(&page(&facts_of("x", is_one)));
            prop_assert_eq!(pieces(&page(&facts_of(&text, is_one))), plain);
        }
    }
}

#[test]
fn every_page_is_whole_and_asks_for_nothing() {
    let mut alone = facts_of("x", true);
    alone.one.as_mut().expect("one").outline = None;
    for facts in [
        Facts::default(),
        facts_of("x", false),
        facts_of("x", true),
        alone,
    ] {
        let page = page(&facts);
        let pieces = pieces(&page);
        markup::assert_balanced(&pieces);
        let heads: Vec<u32> = pieces.iter().filter_map(Piece::heading).collect();
        assert_eq!(heads.iter().filter(|level| **level == 1).count(), 1);
        for two in heads.windows(2) {
            assert!(
                two[1] <= two[0] + 1,
                "a heading of level {} below {}",
                two[1],
                two[0]
            );
        }
        for wanted in ["header", "nav", "main", "footer"] {
            assert_eq!(
                pieces.iter().filter(|piece| piece.opens(wanted)).count(),
                1,
                "{wanted}"
            );
        }
        for piece in &pieces {
            assert!(
                !piece.has("src") && !piece.has("style"),
                "{piece:?} fetches, or is styled in place"
            );
            assert!(
                !piece
                    .attributes()
                    .iter()
                    .any(|attribute| attribute.starts_with("on")),
                "{piece:?}"
            );
            if piece.opens("svg") && !piece.has("aria-hidden") {
                assert!(piece.has("role"), "{piece:?} is no picture to a reader");
            }
            if piece.opens("th") {
                assert!(piece.has("scope"), "{piece:?} heads nothing");
            }
        }
        for link in markup::links(&page) {
            let is_here = link.strip_prefix('#').is_some_and(|id| {
                page.contains(&format!(" id=\"{id}\""))
                    || page.contains(&format!("<main id=\"{id}\""))
            });
            assert!(is_here || link == "data:,", "a link to {link}");
        }
        assert!(!page.contains("@import") && !page.contains("url("));
    }
}

#[test]
fn what_is_missing_is_said() {
    let page = page(&Facts::default());
    for said in [
        "No bucket is defined yet",
        "Nobody polls transitions yet",
        "No backfill or re-evaluation is open",
        "Nobody moved in 60 days",
        "The clock has nothing to look at",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn charts_tell_what_they_show() {
    let mut facts = facts_of("x", false);
    facts.buckets.truncate(1);
    facts.buckets[0].active = 1_234;
    let text = text_of(&page(&facts));
    assert!(text.contains("Members over 60 days"), "{text}");
    // Nine came four days ago, one left, and today 3 and 1 came and 2 left.
    assert!(
        text.contains("From 1,224 to 1,234, at most 1,234."),
        "{text}"
    );
    assert!(text.contains("13 entered and 3 left."), "{text}");
    assert!(text.contains("28 Nov: 1, 29 Nov: 0, 30 Nov: 2"), "{text}");
}

#[test]
fn numbers_of_any_size_are_drawn() {
    for number in [i64::MIN, -1, 0, i64::MAX] {
        let mut facts = facts_of("x", false);
        for bucket in &mut facts.buckets {
            bucket.active = number;
            bucket.entered = number;
            bucket.left_silently = number;
            bucket.forecast = vec![number; 9];
            let day = |ago| Day(ago, number, number, number, number);
            bucket.days = Some(
                (0..HISTORY as i64 + 3)
                    .map(day)
                    .chain([day(number)])
                    .collect(),
            );
            bucket.lateness = Some([f64::NAN, number as f64]);
        }
        facts.today = number;
        markup::assert_balanced(&pieces(&page(&facts)));
    }
}

#[test]
fn ten_thousand_buckets_are_a_page() {
    let mut facts = facts_of("x", false);
    let days = |place: i64| {
        (0..HISTORY as i64)
            .map(move |ago| Day(ago, place % 7, ago % 5, 0, 1))
            .collect()
    };
    facts.buckets = (0..10_000)
        .map(|place| {
            let mut bucket = facts_of("x", false).buckets.swap_remove(1);
            bucket.id = format!("bucket-{place}");
            bucket.name = format!("Bucket number {place}");
            bucket.job = None;
            if place < 300 {
                bucket.days = Some(days(place));
                bucket.forecast = vec![3; 7];
            }
            bucket
        })
        .collect();
    let page = page(&facts);
    assert!(page.len() < 4_000_000, "{} bytes", page.len());
    assert!(page.contains("9,700 buckets more"));
    assert_eq!(
        page.matches("data-b").count() - 1,
        10_000,
        "rows that are searched"
    );
}
