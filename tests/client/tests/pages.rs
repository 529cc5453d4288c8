//! Every page of the documentation does what it says and prints what it shows.

use anyhow::{Result, ensure};
use hogsend_client_tests::pages::Page;
use std::collections::BTreeSet;

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
