//! doc/reference.md says what is installed.

use anyhow::{Context, Result, ensure};
use hogsend_client_tests::{cluster, reference, with_extension};
use hogsend_harness::Options;

#[test]
fn the_reference_says_what_is_installed() -> Result<()> {
    let database = with_extension(cluster(Options::default), "reference")?;
    let page = reference::page(&mut database.connect()?)?;
    let written = std::fs::read_to_string(reference::path()).context("doc/reference.md")?;
    let differs = page
        .lines()
        .zip(written.lines())
        .find(|(is, was)| is != was);
    ensure!(
        page == written,
        "doc/reference.md is not what is installed: `make reference` writes it anew; first difference: {differs:?}"
    );
    Ok(())
}
