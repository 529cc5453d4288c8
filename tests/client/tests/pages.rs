//! Every page of the documentation does what it says and prints what it shows.

use anyhow::{Result, ensure};
use hogsend_client_tests::pages::Page;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each is a test of its own, so that they run side by side; the README installs hogsend itself.
macro_rules! pages {
    ($($test:ident $page:literal $installs:literal)*) => {
        $(#[test]
        fn $test() -> Result<()> {
            Page::read($page)?.hold($installs)
        })*

        const RUN: &[&str] = &[$($page),*];
    };
}

pages! {
    readme "README.md" true
    buckets "doc/buckets.md" false
    feeding "doc/feeding.md" false
    consuming "doc/consuming.md" false
    journeys "doc/journeys.md" false
    operating "doc/operating.md" false
    roles "doc/roles.md" false
    concurrency "doc/concurrency.md" false
    from_typescript "doc/from-typescript.md" false
    from_other_tools "doc/from-other-tools.md" false
}

/// Its examples are run by the test `language`, and held to more than their output.
const ELSEWHERE: &str = "doc/criteria.md";

#[test]
fn no_page_is_left_out() -> Result<()> {
    let mut run: BTreeSet<String> = RUN.iter().map(|page| (*page).to_owned()).collect();
    run.insert(ELSEWHERE.into());
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../doc"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = std::fs::read_to_string(&path)?;
            let name = format!(
                "doc/{}",
                path.file_name().unwrap_or_default().to_string_lossy()
            );
            ensure!(
                !text.contains("```sql") || run.contains(&name),
                "nobody runs the statements of {name}"
            );
        }
    }
    Ok(())
}

/// How a heading is called in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_door_leads_somewhere() -> Result<()> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut pages: Vec<PathBuf> = RUN.iter().map(|page| root.join(page)).collect();
    let others = [
        ELSEWHERE,
        "doc/reference.md",
        "doc/design.md",
        "tests/README.md",
        "tests/runners/README.md",
        "CHANGELOG.md",
    ];
    pages.extend(others.map(|page| root.join(page)));
    let mut links = 0;
    for page in &pages {
        let text = std::fs::read_to_string(page)?;
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap_or_default();
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.parent().unwrap_or(root).join(file),
            };
            links += 1;
            ensure!(target.exists(), "{}: {link} leads nowhere", page.display());
            if !place.is_empty() {
                let text = std::fs::read_to_string(&target)?;
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let found =
                    headings.any(|heading| anchor(heading.trim_start_matches('#')) == place);
                ensure!(found, "{}: {link} has no such heading", page.display());
            }
        }
    }
    ensure!(links > 60, "only {links} links");
    Ok(())
}
