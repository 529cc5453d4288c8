//! No document makes the parser panic, right ones are accepted, and wrong ones are complained
//! about in a usable way. `HOGSEND_FUZZ_CASES` sets the number of documents.

#[path = "criteria_fuzz/generate.rs"]
mod generate;

use generate::{break_text, break_tree, valid};
use hogsend_core::criteria::{Criteria, MAX_PROBLEMS, Problem, PropertyValue};
use hogsend_core::decimal::Decimal;
use hogsend_model::{Random, random};
use std::collections::HashSet;

fn check_problems(case: u64, text: &str, problems: &[Problem]) {
    assert!(
        (1..=MAX_PROBLEMS).contains(&problems.len()),
        "case {case}: {text}"
    );
    for problem in problems {
        let Problem {
            path,
            message,
            hint,
        } = problem;
        let bad = !path.starts_with('$')
            || message.is_empty()
            || hint.is_empty()
            || message.starts_with(char::is_uppercase)
            || message.ends_with('.')
            || hint.ends_with('.')
            || message.len() + hint.len() + path.len() > 6_000;
        assert!(!bad, "case {case}: {problem:?}\n{text}");
    }
}

/// Returns whether the document was accepted.
fn check(case: u64, text: &str, messages: &mut HashSet<String>) -> bool {
    match Criteria::parse(text) {
        Ok(criteria) => {
            let canonical = criteria.canonical();
            let again = Criteria::parse(&canonical)
                .unwrap_or_else(|wrong| panic!("case {case}: {wrong:?}\n{text}\n{canonical}"));
            assert_eq!(again.canonical(), canonical, "case {case}: {text}");
            assert_eq!(again.series(), criteria.series());
            assert_eq!(again.properties(), criteria.properties());
            for need in criteria.series() {
                let ranks = need.ranks.first() == Some(&1) && need.ranks.is_sorted();
                let is_read = ranks || !need.enough.is_empty() || need.oldest;
                assert!(is_read && ranks == need.of.is_plain(), "{text}: {need:?}");
            }
            true
        }
        Err(problems) => {
            check_problems(case, text, &problems);
            if messages.len() < 100_000 {
                messages.extend(problems.into_iter().map(|problem| {
                    // The message without what it quotes: how many kinds there are.
                    problem.message.split('"').step_by(2).collect::<String>()
                }));
            }
            false
        }
    }
}

#[test]
fn no_document_makes_it_panic() {
    let cases = random::cases("HOGSEND_FUZZ_CASES", 1_000_000);
    let start = std::time::Instant::now();
    let (mut right, mut accepted) = (0u64, 0u64);
    let mut messages = HashSet::new();
    for case in 0..cases {
        let random = &mut Random::new(case);
        let depth = random.below(4);
        let mut json = valid(random, depth);
        let kind = random.below(4);
        if kind > 0 {
            for _ in 0..1 + random.below(3) {
                break_tree(random, &mut json);
            }
        }
        let mut text = String::new();
        json.write(random, &mut text);
        if kind == 3 {
            break_text(random, &mut text);
        }
        let fine = check(case, &text, &mut messages);
        if kind == 0 {
            assert!(fine, "case {case}: {text}\n{:?}", Criteria::parse(&text));
            right += 1;
        }
        accepted += u64::from(fine);
        let _ = PropertyValue::parse(&text);
        let _ = Decimal::parse(&text);
    }
    println!(
        "criteria fuzz: {cases} documents in {:.1?}, {right} right, {accepted} accepted, \
         {} kinds of messages",
        start.elapsed(),
        messages.len()
    );
    assert!(cases < 1_000_000 || messages.len() > 60, "{messages:?}");
}

/// A test runs on a stack of 2 MiB: recursion of any kind would overflow it.
#[test]
fn depth_and_size_cost_no_stack() {
    let deep = 1_000_000;
    let nested = [
        "[".repeat(deep),
        "[".repeat(deep) + &"]".repeat(deep),
        "{\"a\":".repeat(deep) + "1" + &"}".repeat(deep),
        format!(
            r#"{{"type":"property","property":"p","operator":"eq","value":{}{}}}"#,
            "[".repeat(deep),
            "]".repeat(deep)
        ),
        r#"{"type":"composite","operator":"and","conditions":["#.repeat(20_000)
            + &"]}".repeat(20_000),
        r#"{"type":"event","where":"#.to_owned()
            + &r#"{"type":"not","condition":"#.repeat(20_000)
            + &"}".repeat(20_001),
        format!(
            r#"{{"type":"event","eventName":[{}1],"check":"exists"}}"#,
            "1,".repeat(deep)
        ),
        format!(
            r#"{{"type":"composite","operator":"or","conditions":[{}1]}}"#,
            "1,".repeat(deep)
        ),
        format!(r#"{{{}"type":"event"}}"#, r#""x":1,"#.repeat(deep)),
        format!(
            r#"{{"type":"event","within":{{{}"days":1}}}}"#,
            r#""x":1,"#.repeat(deep)
        ),
    ];
    for text in nested {
        let problems = Criteria::parse(&text).expect_err("a problem");
        check_problems(0, &text[..100], &problems);
        assert!(matches!(
            PropertyValue::parse(&text),
            PropertyValue::Opaque | PropertyValue::Array(_)
        ));
    }
}
