//! The canonical text of every form of the language, and its hash, never change: the hash of the
//! text decides whether a job looks at everybody again, so one changed byte would do that to every
//! bucket of its kind when hogsend is updated.
//!
//! `criteria_golden/documents.txt` has a line a document: the hash, the canonical text and the
//! document, between tabs. Lines are added for what the language learns, and none is ever altered.
//! A line that has only the document makes the test fail and say what belongs there.

#[path = "criteria_support/facts.rs"]
#[allow(dead_code, reason = "of these only the zones are of use")]
mod facts;

use facts::rows::Clocks;
use hogsend_core::criteria::Criteria;
use sha2::{Digest, Sha256};

const GOLDEN: &str = include_str!("criteria_golden/documents.txt");

/// As `criteria_hash` is computed in SQL: SHA-256 in hexadecimal digits.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn canonical_texts_and_hashes_never_change() {
    let mut documents = 0;
    let mut wrong = Vec::new();
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let document = line.rsplit('\t').next().unwrap_or(line);
        let criteria = Criteria::parse_in(document, &Clocks)
            .unwrap_or_else(|problems| panic!("{document}: {problems:?}"));
        let canonical = criteria.canonical();
        let now = format!("{}\t{canonical}\t{document}", hash(&canonical));
        if now != line {
            wrong.push(now);
        }
        documents += 1;
    }
    assert!(wrong.is_empty(), "these differ now:\n{}", wrong.join("\n"));
    assert!(documents > 500, "only {documents} documents");
}

/// The hash is the one that the server stores: this one was computed by `sha256()` in SQL.
#[test]
fn the_hash_is_the_one_of_the_server() {
    let text = r#"{"type":"event","eventName":"paid","check":"exists"}"#;
    let stored = "20807f6b951ae43460dc4187882c4bfa9d6886ba9f6f0b3824c5271b13eb7943";
    assert_eq!(hash(text), stored);
}
