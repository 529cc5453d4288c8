//! The image, without an engine: what its Dockerfile says is done line by line in a root that has what the official
//! image has, and then what that image's entrypoint does with a new volume. What only an engine does (layers,
//! volumes, networks, `docker build` itself) is not tried.

use anyhow::{Context, Result, bail, ensure};
use hogsend_packages::Root;
use hogsend_packages::dockerfile::{Image, Stage, environment_of, stages};
use hogsend_packages::root::SERVER;
use hogsend_packages::sources::{package, read, version};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ENTRYPOINT: &str = include_str!("../../src/entrypoint.sh");

/// What the official image has beside Debian and PostgreSQL: no cluster yet, programs in the path, and a sample of
/// the configuration that listens everywhere; here, on this machine alone.
const OFFICIAL: &str = "
    pg_dropcluster 15 main
    sed -i \"s/^#listen_addresses = .*/listen_addresses = '127.0.0.1'/\" /usr/share/postgresql/15/postgresql.conf.sample
    mkdir -p /docker-entrypoint-initdb.d
    rm -rf /var/lib/apt/lists/*";

fn arguments() -> Vec<(String, String)> {
    vec![("PG".into(), SERVER.into())]
}

fn dockerfile() -> Result<Vec<Stage>> {
    stages(&read("packaging/Dockerfile")?, &arguments())
}

fn official() -> Result<Image> {
    let root = Root::with_server()?;
    root.run(OFFICIAL)?;
    let path = format!(
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/{SERVER}/bin"
    );
    let data = "/var/lib/postgresql/data";
    Ok(Image::from(
        root,
        &[
            ("PATH", &path),
            ("PG_MAJOR", SERVER),
            ("PGDATA", data),
            ("LANG", "C.UTF-8"),
        ],
    ))
}

/// The last stage, with this package from the first one.
fn built(package: &Path) -> Result<Image> {
    let stages = dockerfile()?;
    let last = stages.last().context("there is no stage")?;
    let mut image = official()?;
    image.carry_out(last, &arguments(), &|root, from, what, whither| {
        ensure!(
            from == "build" && what.starts_with("/hogsend/target/packages/"),
            "{from} {what}"
        );
        let name = package.file_name().context("no name")?.to_string_lossy();
        root.put(package, &format!("{whither}{name}"))
    })?;
    Ok(image)
}

/// A port that is free now: all roots share the machine's.
fn free_port() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port()
        .to_string())
}

/// Starts it on a new volume, as compose.yaml does.
fn started(mut image: Image) -> Result<Image> {
    let compose = read("packaging/compose.yaml")?;
    let given = [
        ("POSTGRES_PASSWORD", "secret's"),
        ("RUNNER_PASSWORD", "it's another"),
    ];
    image
        .environment
        .extend(environment_of(&compose, "db", &given)?);
    image.environment.push(("PGPORT".into(), free_port()?));
    // The image trusts its own machine, which in a container is nobody else's. Here all come from there.
    let arguments = "--auth-host=scram-sha-256";
    image
        .environment
        .push(("POSTGRES_INITDB_ARGS".into(), arguments.into()));
    image.root.put_sources(
        "packaging/compose.sql",
        "/docker-entrypoint-initdb.d/20-compose.sql",
    )?;
    let said = image.run(ENTRYPOINT)?;
    ensure!(said.contains("hogsend: ready in database shop"), "{said}");
    Ok(image)
}

/// What somebody gets who connects from elsewhere with the password.
fn asked(image: &Image, sql: &str) -> Result<String> {
    let psql = "PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d shop";
    Ok(image
        .root
        .run_with(psql, &image.environment, sql)?
        .trim_end()
        .to_string())
}

fn asked_until(image: &Image, sql: &str, expected: &str, patience: Duration) -> Result<()> {
    let begun = Instant::now();
    loop {
        let said = asked(image, sql)?;
        if said == expected {
            return Ok(());
        }
        if begun.elapsed() > patience {
            bail!("{sql}: {said}, and not {expected}");
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

#[test]
fn both_stages_are_of_the_official_image() -> Result<()> {
    let stages = dockerfile()?;
    let images: Vec<_> = stages
        .iter()
        .map(|stage| (stage.image.as_str(), stage.name.as_deref()))
        .collect();
    let official = format!("postgres:{SERVER}-bookworm");
    assert_eq!(
        images,
        [
            (official.as_str(), Some("build")),
            (official.as_str(), None)
        ]
    );
    Ok(())
}

#[test]
fn a_new_volume_has_hogsend_and_its_clock() -> Result<()> {
    let image = started(built(&package(SERVER, &version()?)?)?)?;
    assert_eq!(asked(&image, "SHOW shared_preload_libraries")?, "pg_cron");
    assert_eq!(
        asked(
            &image,
            "SELECT extname || extnamespace::regnamespace FROM pg_extension WHERE extname = 'hogsend'"
        )?,
        "hogsendhogsend"
    );
    assert_eq!(
        asked(
            &image,
            "SELECT count(*) FROM cron.job WHERE jobname IN ('hogsend', 'hogsend-2') AND active AND database = 'shop'"
        )?,
        "2"
    );
    let heard = asked(
        &image,
        "LISTEN bucket_transitions; INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened');",
    )?;
    assert!(heard.contains("bucket:entered:openers"), "{heard}");
    // Nobody comes in without a password, and the runner comes in with its own, to do what it has to.
    let refused =
        image.run("PGPASSWORD=wrong psql -X -h 127.0.0.1 -U postgres -d shop -c 'SELECT 1'");
    assert!(
        refused.is_err_and(|error| error.to_string().contains("password authentication failed"))
    );
    let subscribe = "SELECT hogsend_subscribe('mails')";
    let said = image.run(&format!(
        "PGPASSWORD=$RUNNER_PASSWORD psql -XAtq -h 127.0.0.1 -U runner -d shop -c \"{subscribe}\""
    ))?;
    assert!(!said.contains("ERROR"), "{said}");
    Ok(())
}

/// The clock goes by itself: who did nothing for a minute leaves, and pg_cron begins with a minute.
#[test]
#[ignore = "waits for the clock, and fetches Python: FULL=1"]
fn the_clock_goes_and_the_runner_acts() -> Result<()> {
    let image = started(built(&package(SERVER, &version()?)?)?)?;
    let runner = started_runner(&image)?;
    has_acted(&image).map_err(|error| {
        let log = runner.run("cat /var/log/runner.log");
        error.context(format!("the runner says: {log:?}"))
    })
}

fn has_acted(image: &Image) -> Result<()> {
    let within = Duration::from_secs;
    let runners = "SELECT count(*) FROM bucket_consumers";
    asked_until(image, runners, "1", within(30))?;
    asked(
        image,
        "INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened')",
    )?;
    let mails = "SELECT string_agg(event, ' ' ORDER BY event) FROM sent_mail";
    asked_until(image, mails, "bucket:entered:openers", within(30))?;
    let both = "bucket:entered:openers bucket:left:openers";
    asked_until(image, mails, both, within(150))
}

/// The runner's image, of a Debian with Python in the place of Python's; as compose.yaml starts it.
fn started_runner(server: &Image) -> Result<Image> {
    let stages = stages(&read("packaging/runner.Dockerfile")?, &[])?;
    let [stage] = stages.as_slice() else {
        bail!("the runner's image has one stage");
    };
    ensure!(stage.image.starts_with("python:"), "{}", stage.image);
    let root = Root::bare()?;
    root.run(
        "apt-get update -q; apt-get install -q --no-install-recommends python3 python3-pip ca-certificates
         rm -f /usr/lib/python3*/EXTERNALLY-MANAGED; ln -s python3 /usr/bin/python",
    )?;
    // By the way that this machine goes to Python's packages.
    let authorities = "/etc/ssl/certs/ca-certificates.crt";
    root.put(Path::new(authorities), authorities)?;
    let mut image = Image::from(
        root,
        &[
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("PIP_CERT", authorities),
        ],
    );
    for name in [
        "PIP_INDEX_URL",
        "PIP_DEFAULT_TIMEOUT",
        "HTTPS_PROXY",
        "https_proxy",
    ] {
        image
            .environment
            .extend(std::env::var(name).map(|value| (name.to_string(), value)));
    }
    image.carry_out(stage, &[], &|_, from, _, _| bail!("there is no {from}"))?;
    let port = server
        .environment
        .iter()
        .find(|(name, _)| name == "PGPORT")
        .context("no port")?;
    let given = [
        ("POSTGRES_PASSWORD", "secret's"),
        ("RUNNER_PASSWORD", "it's another"),
    ];
    image.environment.extend(environment_of(
        &read("packaging/compose.yaml")?,
        "runner",
        &given,
    )?);
    // The name that compose gives the server's container.
    image.run("echo 127.0.0.1 db >>/etc/hosts")?;
    image.environment.push(port.clone());
    let user = image
        .environment
        .iter()
        .rev()
        .find(|(name, _)| name == "USER")
        .map(|(_, user)| user.clone());
    let user = user.context("the runner runs as root")?;
    image.run(&format!(
        "setsid /usr/sbin/runuser -u {user} -- {} >/var/log/runner.log 2>&1 </dev/null &",
        image.command
    ))?;
    Ok(image)
}

/// The first stage, which compiles everything: with this machine's Rust in the place of that image's.
#[test]
#[ignore = "compiles hogsend once more: FULL=1"]
fn the_first_stage_builds_the_package_of_the_last() -> Result<()> {
    let stages = dockerfile()?;
    let mut image = official()?;
    image.carry_out(&stages[0], &arguments(), &|root, from, what, whither| {
        ensure!(
            from.starts_with("rust:") && what == whither,
            "{from} {what} {whither}"
        );
        let home = match what {
            "/usr/local/rustup" => home_of("RUSTUP_HOME", ".rustup")?,
            "/usr/local/cargo" => home_of("CARGO_HOME", ".cargo")?,
            _ => bail!("nobody knows what {what} is"),
        };
        root.show(&home, whither)
    })?;
    let package = package(SERVER, &version()?)?;
    let name = package
        .file_name()
        .context("no name")?
        .to_string_lossy()
        .into_owned();
    let built_there = image.root.take(
        &format!("/hogsend/target/packages/{name}"),
        "from-the-image",
    )?;
    let image = started(built(&built_there)?)?;
    assert_eq!(
        asked(
            &image,
            "SELECT extversion FROM pg_extension WHERE extname = 'hogsend'"
        )?,
        version()?
    );
    Ok(())
}

fn home_of(variable: &str, name: &str) -> Result<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(name));
    let said = std::env::var_os(variable).map(PathBuf::from);
    said.or_else(home).context("there is no HOME")
}
