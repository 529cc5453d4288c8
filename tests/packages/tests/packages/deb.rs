//! What is in the packages, without installing them.

use anyhow::{Context, Result, ensure};
use hogsend_packages::root::SERVER;
use hogsend_packages::sources::{
    debug_package, is_full, made, package, releases, value_of, version,
};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}:\n{said}");
    Ok(said)
}

/// The servers for which there are packages now.
fn servers() -> Vec<String> {
    let said = std::env::var("SERVERS").unwrap_or_default();
    let said: Vec<String> = said.split_whitespace().map(str::to_string).collect();
    if is_full() && !said.is_empty() {
        said
    } else {
        vec![SERVER.to_string()]
    }
}

fn field(package: &Path, name: &str) -> Result<String> {
    Ok(run(Command::new("dpkg-deb")
        .arg("--field")
        .arg(package)
        .arg(name))?
    .trim()
    .to_string())
}

/// The files of a package, in a directory.
fn unpacked(package: &Path, name: &str) -> Result<PathBuf> {
    let directory = made("unpacked").join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory)?;
    run(Command::new("dpkg-deb")
        .arg("--raw-extract")
        .arg(package)
        .arg(&directory))?;
    Ok(directory)
}

#[test]
fn lintian_finds_nothing() -> Result<()> {
    let mut lintian = Command::new("lintian");
    lintian.args(["--fail-on", "error,warning", "--allow-root"]);
    if !is_full() {
        // Here the library is the one that `make install` built, which has names and no lines.
        lintian.args(["--suppress-tags", "debug-file-with-no-debug-symbols"]);
    }
    for server in servers() {
        lintian
            .arg(package(&server, &version()?)?)
            .arg(debug_package(&server, &version()?)?);
    }
    run(&mut lintian)?;
    Ok(())
}

#[test]
fn a_package_says_what_it_needs() -> Result<()> {
    for server in servers() {
        let package = package(&server, &version()?)?;
        let depends = field(&package, "Depends")?;
        assert!(
            depends
                .split(", ")
                .any(|d| d == format!("postgresql-{server}")),
            "{depends}"
        );
        assert!(depends.contains("libc6 (>= "), "{depends}");
        assert_eq!(
            field(&package, "Recommends")?,
            format!("postgresql-{server}-cron")
        );
        assert!(field(&package, "Maintainer")?.contains('@'));
        assert_eq!(field(&package, "Section")?, "database");
        let debug = debug_package(&server, &version()?)?;
        assert_eq!(
            field(&debug, "Depends")?,
            format!("postgresql-{server}-hogsend (= {}-1)", version()?)
        );
    }
    Ok(())
}

#[test]
fn a_package_has_what_create_and_update_read() -> Result<()> {
    for server in servers() {
        let files = unpacked(
            &package(&server, &version()?)?,
            &format!("hogsend-{server}"),
        )?;
        let extension = files.join(format!("usr/share/postgresql/{server}/extension"));
        let control = fs::read_to_string(extension.join("hogsend.control"))?;
        assert_eq!(value_of(&control, "default_version")?, version()?);
        assert_eq!(value_of(&control, "module_pathname")?, "$libdir/hogsend");
        let mut expected = BTreeSet::from([
            "hogsend.control".to_string(),
            format!("hogsend--{}.sql", version()?),
        ]);
        let versions = [releases()?, vec![version()?]].concat();
        expected.extend(
            versions
                .windows(2)
                .map(|pair| format!("hogsend--{}--{}.sql", pair[0], pair[1])),
        );
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(&extension)? {
            found.insert(entry?.file_name().to_string_lossy().into_owned());
        }
        assert_eq!(found, expected);
        // What was packed is what was summed up, each file of it.
        let sums = run(Command::new("md5sum")
            .args(["--check", "--quiet", "DEBIAN/md5sums"])
            .current_dir(&files))?;
        assert_eq!(sums, "");
        let summed = fs::read_to_string(files.join("DEBIAN/md5sums"))?;
        let packed = run(Command::new("find")
            .arg(files.join("usr"))
            .args(["-type", "f"]))?;
        assert_eq!(summed.lines().count(), packed.lines().count());
    }
    Ok(())
}

#[test]
fn a_package_says_whose_it_is_and_what_changed() -> Result<()> {
    for server in servers() {
        let files = unpacked(&package(&server, &version()?)?, &format!("papers-{server}"))?;
        let documents = files.join(format!("usr/share/doc/postgresql-{server}-hogsend"));
        let unzipped = |name: &str| run(Command::new("zcat").arg(documents.join(name)));
        assert!(
            unzipped("changelog.Debian.gz")?.starts_with(&format!("hogsend ({}-1) ", version()?))
        );
        assert!(unzipped("changelog.gz")?.contains(&version()?));
        assert!(fs::read_to_string(documents.join("copyright"))?.contains("License: MIT"));
        // Each crate that the library is linked with has a license, and the texts are there.
        let third_party = unzipped("third-party.gz")?;
        for text in [
            "pgrx 0.",
            "regex ",
            "serde_json ",
            "Permission is hereby granted",
            "Apache License",
        ] {
            assert!(third_party.contains(text), "third-party has no {text}");
        }
        assert!(
            !third_party.contains("hogsend-core"),
            "ours are not others'"
        );
        assert!(documents.join("examples/python/runner.py").exists());
    }
    Ok(())
}

/// The names and lines of the library's addresses are in a package of their own, found by the number that both have.
#[test]
fn a_library_is_stripped_and_its_debug_file_is_apart() -> Result<()> {
    for server in servers() {
        let library = unpacked(
            &package(&server, &version()?)?,
            &format!("library-{server}"),
        )?
        .join(format!("usr/lib/postgresql/{server}/lib/hogsend.so"));
        let sections = run(Command::new("readelf")
            .args(["--wide", "--sections"])
            .arg(&library))?;
        assert!(
            !sections.contains(".symtab") && !sections.contains(".debug_"),
            "{sections}"
        );
        let notes = run(Command::new("readelf").arg("--notes").arg(&library))?;
        let id = notes
            .lines()
            .find_map(|line| line.trim().strip_prefix("Build ID: "))
            .context("no build id")?;
        let debug = debug_package(&server, &version()?)?;
        assert_eq!(field(&debug, "Build-Ids")?, id);
        let file = unpacked(&debug, &format!("debug-{server}"))?.join(format!(
            "usr/lib/debug/.build-id/{}/{}.debug",
            &id[..2],
            &id[2..]
        ));
        let sections = run(Command::new("readelf")
            .args(["--wide", "--sections"])
            .arg(&file))?;
        assert!(sections.contains(".symtab"), "{sections}");
        assert!(!is_full() || sections.contains(".debug_line"), "{sections}");
    }
    Ok(())
}
