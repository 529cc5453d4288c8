//! One version, and one list of servers, wherever they stand.

use anyhow::{Context, Result};
use hogsend_packages::pages::section;
use hogsend_packages::sources::{last_release, project, read, releases, value_of, version};
use serde_json::Value;

/// The first heading of the changelog, "Unreleased (0.3.0)" or "0.3.0 (2026-11-28)", and its version.
fn newest_heading(changelog: &str) -> Result<(String, String)> {
    let heading = changelog
        .lines()
        .find_map(|line| line.strip_prefix("## "))
        .context("the changelog has no heading")?;
    let version = match heading.strip_prefix("Unreleased (") {
        Some(rest) => rest.trim_end_matches(')'),
        None => heading.split(' ').next().unwrap_or_default(),
    };
    Ok((heading.to_string(), version.to_string()))
}

/// The versions that a changelog of Debian's has, newest first, each with where it is for.
fn packaged(changelog: &str) -> Vec<(String, String)> {
    changelog
        .lines()
        .filter_map(|line| line.strip_prefix("hogsend ("))
        .filter_map(|line| line.split_once(") "))
        .map(|(version, rest)| {
            let distribution = rest.split(';').next().unwrap_or_default();
            (version.to_string(), distribution.to_string())
        })
        .collect()
}

#[test]
fn every_place_has_the_same_version() -> Result<()> {
    let version = version()?;
    // Cargo writes the version into the control file that is installed.
    assert_eq!(
        value_of(&read("hogsend.control")?, "default_version")?,
        "@CARGO_VERSION@"
    );
    let meta: Value = serde_json::from_str(&read("META.json")?)?;
    assert_eq!(meta["version"], version.as_str(), "META.json");
    assert_eq!(
        meta["provides"]["hogsend"]["version"],
        version.as_str(),
        "META.json, provides"
    );
    let (heading, newest) = newest_heading(&read("CHANGELOG.md")?)?;
    assert_eq!(newest, version, "CHANGELOG.md begins with {heading}");
    let packaged = packaged(&read("packaging/debian/changelog")?);
    assert_eq!(
        packaged[0].0,
        format!("{version}-1"),
        "packaging/debian/changelog"
    );
    // What is not released yet is said to be so, in all three.
    let is_unreleased = heading.starts_with("Unreleased");
    assert_eq!(
        meta["release_status"],
        if is_unreleased { "unstable" } else { "stable" },
        "META.json"
    );
    assert_eq!(
        packaged[0].1,
        if is_unreleased {
            "UNRELEASED"
        } else {
            "unstable"
        },
        "packaging/debian/changelog"
    );
    Ok(())
}

#[test]
fn every_release_is_known_everywhere() -> Result<()> {
    let version = version()?;
    let changelog = read("CHANGELOG.md")?;
    let packaged = packaged(&read("packaging/debian/changelog")?);
    let releases = releases()?;
    for release in &releases {
        assert!(
            changelog.contains(&format!("\n## {release}")),
            "CHANGELOG.md has no {release}"
        );
        assert!(
            packaged.iter().any(|(of, _)| *of == format!("{release}-1")),
            "packaging/debian/changelog has no {release}"
        );
    }
    // From each release to the one after it.
    let later = releases.iter().skip(1).chain([&version]);
    for (from, to) in releases.iter().zip(later) {
        let script = format!("sql/hogsend--{from}--{to}.sql");
        assert!(project().join(&script).exists(), "there is no {script}");
    }
    assert_ne!(
        last_release()?,
        version,
        "{version} is released already, and is not the version to work on"
    );
    Ok(())
}

#[test]
fn every_place_has_the_same_servers() -> Result<()> {
    let servers = ["15", "16", "17", "18"];
    let cargo = read("Cargo.toml")?;
    let fetched = read("tests/server.sh")?;
    for server in servers {
        assert!(
            cargo.contains(&format!("\npg{server} = ")),
            "Cargo.toml has no {server}"
        );
        assert!(
            fetched.contains(&format!("\n{server}) ")),
            "tests/server.sh has no {server}"
        );
    }
    let all = servers.join(" ");
    for file in ["tests/all-servers.sh", "Makefile", "packaging/deb.sh"] {
        assert!(read(file)?.contains(&all), "{file} has not {all}");
    }
    Ok(())
}

#[test]
fn images_have_the_rust_that_the_sources_want() -> Result<()> {
    let wanted = format!(
        "rust:{}-bookworm",
        value_of(&read("Cargo.toml")?, "rust-version")?
    );
    for file in ["packaging/Dockerfile", ".github/workflows/test.yml"] {
        let text = read(file)?;
        let named: Vec<&str> = text.split("rust:").skip(1).collect();
        assert!(
            !named.is_empty()
                && named
                    .iter()
                    .all(|rest| format!("rust:{rest}").starts_with(&wanted)),
            "{file} is not for {wanted}"
        );
    }
    Ok(())
}

/// Who runs the tests elsewhere runs what is run here.
#[test]
fn the_workflow_runs_what_continuous_integration_runs() -> Result<()> {
    let workflow = read(".github/workflows/test.yml")?;
    for line in read(".ci/run")?
        .lines()
        .filter(|line| line.contains("make "))
    {
        let wanted = format!("- {}", line.replace("exec ", ""));
        assert!(
            workflow.lines().any(|line| line.trim() == wanted),
            ".github/workflows/test.yml has no line: {wanted}"
        );
    }
    Ok(())
}

#[test]
fn a_section_ends_where_the_next_one_begins() -> Result<()> {
    let page = "# Page\n\n## One\n\n```sh\npsql\n```\n\n```sql\nSELECT 1;\n```\n\n### Part\n\n## Two\nno\n";
    let one = section(page, "One")?;
    assert!(one.contains("### Part") && !one.contains("no"));
    let typed = hogsend_packages::pages::typed(&hogsend_packages::pages::blocks(one))?;
    assert_eq!(
        (typed[0].commands.as_str(), typed[0].sql.as_str()),
        ("psql\n", "SELECT 1;\n")
    );
    assert!(section(page, "Three").is_err());
    Ok(())
}
