//! Writes doc/reference.md from what is installed: `make reference`.

use anyhow::Result;
use hogsend_client_tests::{cluster, reference, with_extension};
use hogsend_harness::Options;

fn main() -> Result<()> {
    let database = with_extension(cluster(Options::default), "reference")?;
    let page = reference::page(&mut database.connect()?)?;
    std::fs::write(reference::path(), page)?;
    println!("wrote doc/reference.md");
    Ok(())
}
