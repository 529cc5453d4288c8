//! What stands in the project's files, and where what was made of them is.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The directory of the project.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

pub fn read(file: &str) -> Result<String> {
    fs::read_to_string(project().join(file)).with_context(|| format!("cannot read {file}"))
}

/// A place under target/tests/packages, where the packages are that are tested.
pub fn made(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    project().join(target).join("tests/packages").join(name)
}

/// Is everything to be built that takes long?
pub fn is_full() -> bool {
    std::env::var_os("FULL").is_some_and(|full| full != "0" && !full.is_empty())
}

/// The version, as Cargo.toml has it.
pub fn version() -> Result<String> {
    value_of(&read("Cargo.toml")?, "version")
}

/// What `name = "value"` says in a file of TOML, or in a control file. The first that does.
pub fn value_of(text: &str, name: &str) -> Result<String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_string())
        .with_context(|| format!("nothing is called {name}"))
}

/// The releases there were, oldest first: those whose install scripts are kept.
pub fn releases() -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(project().join("sql/releases"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let version = name
            .strip_prefix("hogsend--")
            .and_then(|n| n.strip_suffix(".sql"));
        found.extend(version.map(str::to_string));
    }
    found.sort_by_key(|version| {
        version
            .split('.')
            .map(|part| part.parse().unwrap_or(0))
            .collect::<Vec<u32>>()
    });
    Ok(found)
}

/// The release before this version.
pub fn last_release() -> Result<String> {
    releases()?.pop().context("there was no release")
}

/// The architecture's name in Debian.
pub fn architecture() -> Result<String> {
    let output = std::process::Command::new("dpkg")
        .arg("--print-architecture")
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_string())
}

/// The package for a server, of a version, and the one of its debug file.
pub fn package(server: &str, version: &str) -> Result<PathBuf> {
    Ok(made(&format!(
        "postgresql-{server}-hogsend_{version}-1_{}.deb",
        architecture()?
    )))
}

pub fn debug_package(server: &str, version: &str) -> Result<PathBuf> {
    Ok(made(&format!(
        "postgresql-{server}-hogsend-dbgsym_{version}-1_{}.deb",
        architecture()?
    )))
}
