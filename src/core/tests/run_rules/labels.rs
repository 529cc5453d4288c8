//! What is kept for the statistics.

use hogsend_core::run::{Change, Label, Labels, MOST_LABELS};
use hogsend_core::time::Span;

use crate::case::{EXITED, at, span};

#[test]
fn labels_say_how_the_run_went() {
    let until = at(15);
    let wait = Change::Wait {
        until,
        for_event: true,
    };
    let timed_out = Change::Resume {
        timed_out: Some(true),
    };
    let mut labels = Labels::started();
    assert_eq!(labels.text(), r#"{"":{"reached":1}}"#);
    labels.note(wait, "", Some("mail"), Span(1_500_000));
    assert_eq!(
        labels.text(),
        r#"{"":{"reached":1,"seconds":1.5},"mail":{"reached":1}}"#
    );
    labels.note(timed_out, "mail", None, span(2));
    // What the runner takes after the wait is not the wait.
    labels.note(wait, "mail", Some("mail"), span(9));
    let expected = Label {
        reached: 2,
        timed_out: 1,
        ..Label::default()
    };
    assert_eq!(labels.get("mail"), Some(&expected));
    labels.note(EXITED, "mail", None, span(1));
    let expected = Label {
        exited: 1,
        seconds: Some(60.0),
        ..expected
    };
    assert_eq!(labels.get("mail"), Some(&expected));
    assert_eq!(Labels::parse(&labels.text()), labels);
    // A clock that went back does not make it a negative time.
    labels.note(Change::Complete, "other", None, Span(-1));
    assert_eq!(labels.get("other").and_then(|l| l.seconds), Some(0.0));
}

#[test]
fn labels_are_read_whatever_is_there_and_do_not_grow_for_ever() {
    for text in ["", "null", "[]", r#"{"a":1}"#, r#"{"a":{"reached":"x"}}"#] {
        let mut labels = Labels::parse(text);
        labels.reach("a");
        assert_eq!(labels.get("a").map(|l| l.reached), Some(1), "{text}");
    }
    // What somebody has added to a label does not hurt.
    let labels = Labels::parse(r#"{"a":{"reached":2,"colour":"red"}}"#);
    assert_eq!(labels.get("a").map(|l| l.reached), Some(2));
    let mut labels = Labels::started();
    for n in 0..2 * MOST_LABELS {
        labels.reach(&format!("label {n}"));
    }
    assert_eq!(labels.iter().count(), MOST_LABELS);
    labels.reach("label 0");
    assert_eq!(labels.get("label 0").map(|l| l.reached), Some(2));
}
