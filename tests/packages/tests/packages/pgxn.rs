//! The distribution for PGXN: META.json by the rules of its specification, version 1.0.0, and the zip.

use anyhow::{Context, Result, ensure};
use hogsend_packages::sources::{made, project, read, version};
use serde_json::Value;
use std::process::Command;

fn meta() -> Result<Value> {
    Ok(serde_json::from_str(&read("META.json")?)?)
}

/// A version of the kind that the specification wants: three numbers.
fn is_semantic(version: &Value) -> bool {
    let parts: Vec<&str> = version.as_str().unwrap_or_default().split('.').collect();
    let is_number = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && (*part == "0" || !part.starts_with('0'))
    };
    parts.len() == 3 && parts.iter().all(is_number)
}

/// A term: what distributions, extensions and tags may be called.
fn is_term(name: &str) -> bool {
    name.chars().count() >= 2
        && !name
            .chars()
            .any(|c| matches!(c, '/' | '\\' | ':') || c.is_whitespace() || c.is_control())
}

/// What is wrong with the document, in words.
fn faults(meta: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut want = |is_right: bool, what: &str| {
        if !is_right {
            faults.push(what.to_string());
        }
    };
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    want(
        meta["name"].as_str().is_some_and(is_term),
        "name is no term",
    );
    want(is_semantic(&meta["version"]), "version is not semantic");
    want(text(&meta["abstract"]), "there is no abstract");
    let maintainers = match &meta["maintainer"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    want(
        !maintainers.is_empty() && maintainers.iter().all(text),
        "there is no maintainer",
    );
    let licenses = [
        "agpl_3",
        "apache_2_0",
        "artistic_2",
        "bsd",
        "gpl_2",
        "gpl_3",
        "lgpl_2_1",
        "lgpl_3_0",
        "mit",
        "mozilla_2_0",
        "postgresql",
    ];
    want(
        meta["license"]
            .as_str()
            .is_some_and(|l| licenses.contains(&l)),
        "license is not one of the known ones",
    );
    want(
        meta["meta-spec"]["version"] == "1.0.0",
        "meta-spec has another version",
    );
    let statuses = ["stable", "testing", "unstable"];
    want(
        meta["release_status"]
            .as_str()
            .is_some_and(|s| statuses.contains(&s)),
        "release_status is unknown",
    );
    let provided = meta["provides"].as_object().cloned().unwrap_or_default();
    want(!provided.is_empty(), "it provides nothing");
    for (name, extension) in &provided {
        want(is_term(name), "an extension's name is no term");
        want(
            is_semantic(&extension["version"]),
            "an extension's version is not semantic",
        );
        for file in ["file", "docfile"] {
            let exists = extension[file]
                .as_str()
                .is_some_and(|file| project().join(file).is_file());
            want(exists, "a file of an extension is not there");
        }
    }
    for phase in meta["prereqs"]
        .as_object()
        .into_iter()
        .flat_map(|phases| phases.values())
    {
        for requirement in phase
            .as_object()
            .into_iter()
            .flat_map(|kinds| kinds.values())
        {
            let versions = requirement.as_object().cloned().unwrap_or_default();
            want(
                !versions.is_empty() && versions.values().all(is_semantic),
                "a prerequisite has no version",
            );
        }
    }
    let tags = meta["tags"].as_array().cloned().unwrap_or_default();
    let is_tag = |tag: &Value| {
        tag.as_str()
            .is_some_and(|t| (2..256).contains(&t.len()) && !t.contains(['/', '\\']))
    };
    want(!tags.is_empty() && tags.iter().all(is_tag), "a tag is none");
    let known = [
        "name",
        "version",
        "abstract",
        "maintainer",
        "license",
        "provides",
        "meta-spec",
        "description",
        "generated_by",
        "tags",
        "no_index",
        "prereqs",
        "release_status",
        "resources",
    ];
    for key in meta.as_object().into_iter().flat_map(|all| all.keys()) {
        want(
            known.contains(&key.as_str()) || key.starts_with("x_") || key.starts_with("X_"),
            &format!("{key} is no key"),
        );
    }
    faults
}

#[test]
fn the_document_keeps_the_rules() -> Result<()> {
    assert_eq!(faults(&meta()?), Vec::<String>::new());
    Ok(())
}

#[test]
fn what_breaks_a_rule_is_found() -> Result<()> {
    for (path, value, fault) in [
        ("/version", Value::from("0.3"), "version is not semantic"),
        (
            "/license",
            Value::from("mine"),
            "license is not one of the known ones",
        ),
        (
            "/provides/hogsend/file",
            Value::from("gone.sql"),
            "a file of an extension is not there",
        ),
        (
            "/prereqs/runtime/requires/PostgreSQL",
            Value::from(15),
            "a prerequisite has no version",
        ),
        ("/tags", Value::Array(Vec::new()), "a tag is none"),
        ("/maintainer", Value::Null, "there is no maintainer"),
    ] {
        let mut broken = meta()?;
        *broken
            .pointer_mut(path)
            .context("there is nothing to break")? = value;
        assert_eq!(faults(&broken), vec![fault], "{path}");
    }
    Ok(())
}

/// By somebody else's reading of the rules, too: the validator of PGXN's own tools, which is compiled for it.
#[test]
#[ignore = "compiles the validator: FULL=1"]
fn the_validator_accepts_it() -> Result<()> {
    let output = Command::new(made("tools/bin/pgxn_meta"))
        .arg(project().join("META.json"))
        .output()?;
    ensure!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// As the specification wants it: a directory of the distribution's name and version, with the document in it.
#[test]
fn the_zip_has_everything_in_its_directory() -> Result<()> {
    let zip = made(&format!("hogsend-{}.zip", version()?));
    let output = Command::new("python3")
        .args(["-m", "zipfile", "--list"])
        .arg(&zip)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listed = String::from_utf8(output.stdout)?;
    let names: Vec<&str> = listed
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let top = format!("hogsend-{}/", version()?);
    assert!(names.iter().all(|name| name.starts_with(&top)), "{names:?}");
    for file in [
        "META.json",
        "Makefile",
        "Cargo.lock",
        "hogsend.control",
        "README.md",
        "LICENSE",
        "src/lib.rs",
        "tests/setup.sh",
    ] {
        assert!(
            names.contains(&format!("{top}{file}").as_str()),
            "{file} is not in it"
        );
    }
    assert!(
        !names
            .iter()
            .any(|name| name.contains("/target/") || name.contains("/.git/"))
    );
    Ok(())
}
