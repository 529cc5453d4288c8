//! The extension in the postmaster, and `hogsend.now` in the configuration file.

use anyhow::{Result, ensure};
use hogsend_client_tests::with_extension;
use hogsend_harness::{Cluster, Options};
use postgres::Client;
use std::time::{Duration, Instant};

const PRESENT: &str = "SELECT current_setting('hogsend.now'),
    to_char(hogsend_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')";

fn present(client: &mut Client) -> Result<(String, String)> {
    let row = client.query_one(PRESENT, &[])?;
    Ok((row.get(0), row.get(1)))
}

struct Server {
    cluster: Cluster,
    reloads: i32,
}

impl Server {
    fn start(preloaded: bool) -> Result<Server> {
        let mut options = Options::default()
            .set("timezone", "Asia/Tokyo")
            .set("hogsend.now", "2026-01-01 12:00")
            .set("include_if_exists", "more.conf");
        if preloaded {
            options = options.set("shared_preload_libraries", "hogsend");
        }
        Ok(Server {
            cluster: Cluster::start(options)?,
            reloads: 0,
        })
    }

    /// Has the server read its file again, with these lines at its end, and returns what it says once
    /// `session` has read it too.
    fn reload(&mut self, session: &mut Client, lines: &str) -> Result<String> {
        let before = self.cluster.log_length();
        self.reloads += 1;
        let mark = format!("reload.number = '{}'", self.reloads);
        let mut other = self.cluster.connect("postgres")?;
        let written = format!("{lines}\n{mark}\n").replace('\'', "''");
        other.batch_execute(&format!(
            "COPY (SELECT unnest(string_to_array('{written}', E'\\n'))) TO PROGRAM 'cat > more.conf'"
        ))?;
        other.batch_execute("SELECT pg_reload_conf()")?;
        let deadline = Instant::now() + Duration::from_secs(30);
        let wanted = self.reloads.to_string();
        let asked = "SELECT coalesce(current_setting('reload.number', true), '')";
        while session.query_one(asked, &[])?.get::<_, String>(0) != wanted {
            ensure!(
                Instant::now() < deadline,
                "the session does not read the file"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(self.cluster.log_since(before))
    }
}

/// What a file says is read in the zone of the server, or of the session where the session is the first
/// to read it; and it stays that instant whatever zone a session has when the file is read again.
fn a_file_is_read_once(preloaded: bool) -> Result<()> {
    let mut server = Server::start(preloaded)?;
    let noon = (
        String::from("2026-01-01 03:00:00+00"),
        String::from("2026-01-01 03:00"),
    );
    let mut client = {
        let database = with_extension(&server.cluster, "file")?;
        database.connect()?
    };
    // Who asks for anything of the extension has loaded it.
    client.batch_execute("SELECT hogsend_reconcile()")?;
    assert_eq!(present(&mut client)?, noon);
    client.batch_execute("SET timezone = 'America/New_York'")?;
    server.reload(&mut client, "work_mem = '5MB'")?;
    assert_eq!(present(&mut client)?, noon);
    // A new text is read where the session is now.
    server.reload(&mut client, "hogsend.now = '2026-01-02 12:00'")?;
    let next = "2026-01-02 17:00";
    assert_eq!(present(&mut client)?.1, next);
    // What is no timestamp is left out, by the postmaster too, which lives on.
    let log = server.reload(&mut client, "hogsend.now = 'tea time'")?;
    if preloaded {
        ensure!(
            log.contains("invalid value for parameter \"hogsend.now\": \"tea time\""),
            "{log}"
        );
    }
    assert_eq!(present(&mut client)?.1, next);
    // Nor can a file say what depends on when it is read.
    let log = server.reload(&mut client, "hogsend.now = 'tomorrow'")?;
    if preloaded {
        ensure!(
            log.contains("invalid value for parameter \"hogsend.now\": \"tomorrow\""),
            "{log}"
        );
    }
    assert_eq!(present(&mut client)?.1, next);
    server.reload(&mut client, "hogsend.now = ''")?;
    assert_eq!(present(&mut client)?.0, "");
    Ok(())
}

#[test]
fn the_postmaster_reads_the_file() -> Result<()> {
    a_file_is_read_once(true)
}

#[test]
fn a_session_reads_the_file() -> Result<()> {
    a_file_is_read_once(false)
}
