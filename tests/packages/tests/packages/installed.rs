//! A package in a bare Debian, with nothing of Rust: installed and used by what the README says, upgraded from
//! the last release, removed and brought back.

use anyhow::{Context, Result, ensure};
use hogsend_packages::Root;
use hogsend_packages::pages::{Typed, blocks, section, typed};
use hogsend_packages::root::SERVER;
use hogsend_packages::sources::{last_release, package, read, version};
use std::path::PathBuf;
use std::time::Instant;

/// How long somebody may need who has never seen it; the machine has a part of that.
const FIVE_MINUTES: f64 = 300.0;

/// What somebody types who begins: the commands by which a package is installed, the last of which starts psql, and
/// there the README's first five minutes, as they are. How a package is installed stands in the README, or until it
/// does on the packages' own page.
fn beginning() -> Result<Vec<Typed>> {
    let readme = read("README.md")?;
    let of_packages = read("packaging/README.md")?;
    let page = if section(&readme, "Install")?.contains("apt install ./") {
        &readme
    } else {
        &of_packages
    };
    typed(
        &[
            blocks(section(page, "Install")?),
            blocks(section(&readme, "Five minutes")?),
        ]
        .concat(),
    )
}

/// The last release's package: of its frozen scripts and the library of today, which serves them, or under
/// FULL=1 of the sources of that release. tests/run-packages.sh builds it.
fn package_of_last_release() -> Result<PathBuf> {
    package(SERVER, &last_release()?)
}

/// What is amiss. Whether the clock has gone is not asked: pg_cron begins with a minute.
const NOT_WELL: &str = r#"SELECT string_agg(concat_ws(': ', "check", detail), '; ') FROM hogsend_health() WHERE NOT ok AND "check" <> 'last reconcile'"#;

#[test]
fn whoever_follows_the_readme_hears_of_a_transition() -> Result<()> {
    let root = Root::bare()?;
    let found = root.run("command -v cargo rustc cc psql pg_ctlcluster || :")?;
    assert_eq!(found, "", "the root is not bare");
    let package = package(SERVER, &version()?)?;
    let name = package
        .file_name()
        .context("no name")?
        .to_string_lossy()
        .into_owned();
    root.put(&package, &format!("/root/{name}"))?;
    let begun = Instant::now();
    let mut said = String::new();
    for step in beginning()? {
        said.push_str(&root.run_with(&format!("cd /root\n{}", step.commands), &[], &step.sql)?);
    }
    let seconds = begun.elapsed().as_secs_f64();
    assert!(!said.contains("ERROR:"), "{said}");
    let heard = said
        .lines()
        .find(|line| line.starts_with("Asynchronous notification \"bucket_transitions\""));
    let heard = heard.with_context(|| format!("no transition was heard:\n{said}"))?;
    assert!(heard.contains(r#""transition":"entered""#), "{heard}");
    eprintln!(
        "from `apt install` to the end of the README's five minutes: {seconds:.1} s of the machine"
    );
    assert!(seconds < FIVE_MINUTES);
    let not_well = root.sql("shop", NOT_WELL)?;
    assert_eq!(not_well, "", "{not_well}");
    // The clock is scheduled.
    assert_eq!(
        root.sql(
            "shop",
            "SELECT count(*) FROM cron.job WHERE jobname IN ('hogsend', 'hogsend-2') AND active"
        )?,
        "2"
    );
    assert_eq!(
        root.run("command -v cargo rustc cc || :")?,
        "",
        "it brought a compiler"
    );
    Ok(())
}

/// With the server running and a session open, as apt does it on a machine in use.
#[test]
fn the_last_release_is_upgraded() -> Result<()> {
    let root = Root::with_server()?;
    root.put(&package_of_last_release()?, "/root/old.deb")?;
    root.put(&package(SERVER, &version()?)?, "/root/new.deb")?;
    root.run("apt-get install -q /root/old.deb && service postgresql start")?;
    root.run("su postgres -c 'createdb --encoding UTF8 --template template0 shop'")?;
    let release = last_release()?;
    let installed = "SELECT extversion FROM pg_extension WHERE extname = 'hogsend'";
    root.sql("shop", "CREATE EXTENSION hogsend; SELECT hogsend_define_bucket('openers', hogsend_event('app.opened'));
        INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened');")?;
    assert_eq!(root.sql("shop", installed)?, release);
    // A session that goes on over the upgrade: it waits for a file.
    let said = root.run(
        r#"
        mkfifo /tmp/typed && chmod 666 /tmp/typed
        su postgres -c 'psql -XAtq -v ON_ERROR_STOP=1 shop </tmp/typed' >/tmp/said 2>&1 &
        exec 9>/tmp/typed
        echo "INSERT INTO user_events (user_id, event) VALUES ('u2', 'app.opened');" >&9
        apt-get install -q /root/new.deb
        echo "INSERT INTO user_events (user_id, event) VALUES ('u3', 'app.opened');" >&9
        exec 9>&-
        wait
        cat /tmp/said
    "#,
    )?;
    ensure!(!said.contains("ERROR"), "{said}");
    // Sessions that begin now load the new library and have the old objects.
    let members = "SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members WHERE bucket_id = 'openers'";
    root.sql(
        "shop",
        "INSERT INTO user_events (user_id, event) VALUES ('u4', 'app.opened')",
    )?;
    assert_eq!(root.sql("shop", installed)?, release);
    assert_eq!(root.sql("shop", members)?, "u1 u2 u3 u4");
    root.sql("shop", "ALTER EXTENSION hogsend UPDATE; INSERT INTO user_events (user_id, event) VALUES ('u5', 'app.opened');")?;
    assert_eq!(root.sql("shop", installed)?, version()?);
    assert_eq!(root.sql("shop", members)?, "u1 u2 u3 u4 u5");
    assert_eq!(
        root.sql(
            "shop",
            "SELECT string_agg(user_id, ' ' ORDER BY id) FROM bucket_transitions"
        )?,
        "u1 u2 u3 u4 u5"
    );
    assert_eq!(
        root.sql("shop", "SELECT count(*) FROM hogsend_verify('openers')")?,
        "0"
    );
    Ok(())
}

#[test]
fn a_removal_leaves_the_rows_and_the_package_brings_all_back() -> Result<()> {
    let root = Root::with_server()?;
    root.put(&package(SERVER, &version()?)?, "/root/hogsend.deb")?;
    root.run("apt-get install -q /root/hogsend.deb && service postgresql start")?;
    root.run("su postgres -c 'createdb --encoding UTF8 --template template0 shop'")?;
    root.sql("shop", "CREATE EXTENSION hogsend; SELECT hogsend_define_bucket('openers', hogsend_event('app.opened'));
        INSERT INTO user_events (user_id, event) SELECT 'u' || n, 'app.opened' FROM generate_series(1, 100) AS n;")?;
    let rows = "SELECT (SELECT count(*) FROM user_events), (SELECT count(*) FROM contacts), (SELECT count(*) FROM buckets),
        (SELECT count(*) FROM bucket_memberships), (SELECT count(*) FROM bucket_transitions)";
    assert_eq!(root.sql("shop", rows)?, "100|100|1|100|100");
    for how in ["remove", "purge"] {
        root.run(&format!("apt-get {how} -q postgresql-{SERVER}-hogsend"))?;
        assert_eq!(
            root.run("find /usr /etc /var/lib/postgresql -name '*hogsend*'")?,
            ""
        );
        // The server runs, and every row is there; a restart changes nothing about it.
        assert_eq!(root.sql("shop", rows)?, "100|100|1|100|100", "after {how}");
        root.run("service postgresql restart")?;
        assert_eq!(
            root.sql("shop", rows)?,
            "100|100|1|100|100",
            "after {how} and a restart"
        );
        // What cannot be evaluated is refused, and not stored without a word.
        let refused = root.sql(
            "shop",
            "INSERT INTO user_events (user_id, event) VALUES ('late', 'app.opened')",
        );
        let refused = refused
            .err()
            .context("an event was stored that nobody evaluates")?
            .to_string();
        assert!(
            refused.contains("could not access file \"$libdir/hogsend\""),
            "{refused}"
        );
        root.run("apt-get install -q /root/hogsend.deb")?;
        assert_eq!(
            root.sql("shop", rows)?,
            "100|100|1|100|100",
            "after it came back"
        );
    }
    root.sql(
        "shop",
        "INSERT INTO user_events (user_id, event) VALUES ('late', 'app.opened')",
    )?;
    assert_eq!(root.sql("shop", rows)?, "101|101|1|101|101");
    assert_eq!(
        root.sql("shop", "SELECT count(*) FROM hogsend_verify('openers')")?,
        "0"
    );
    Ok(())
}

/// Which settings a server has is its owner's to say.
#[test]
fn a_package_leaves_the_servers_configuration_alone() -> Result<()> {
    let root = Root::with_server()?;
    let configuration = "find /etc -xdev -type f -not -name 'ld.so.cache' | sort | xargs sha256sum";
    let before = root.run(configuration)?;
    root.put(&package(SERVER, &version()?)?, "/root/hogsend.deb")?;
    root.run("apt-get install -q /root/hogsend.deb")?;
    assert_eq!(root.run(configuration)?, before);
    Ok(())
}
