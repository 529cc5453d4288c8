//! Random alterations between random statements; and that what is wrong would be found.

use anyhow::{Result, bail};
use hogsend_ddl::play::{Planted, play_all};

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn tables_may_become_what_they_like() -> Result<()> {
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => number("FIRST").unwrap_or(1)..number("SEQUENCES").unwrap_or(500) + 1,
    };
    let account = play_all("ddl", seeds, &Planted::default())?;
    eprintln!("{account:?}");
    match account.failure {
        Some(failure) => bail!("{failure}"),
        None => Ok(()),
    }
}

fn must_be_found(name: &str, planted: &Planted, word: &str) -> Result<()> {
    match play_all(name, 1..200, planted)?.failure {
        None => bail!("200 sequences find nothing wrong with: {}", planted.fault),
        Some(failure) if failure.contains(word) => Ok(()),
        Some(failure) => bail!("found was another thing: {failure}"),
    }
}

#[test]
fn a_wrong_member_that_nobody_shows_is_found() -> Result<()> {
    let planted = Planted {
        fault: "ALTER TABLE user_events DISABLE TRIGGER hogsend_delete",
        is_blind: true,
    };
    must_be_found("wrong", &planted, "finds nothing")
}

#[test]
fn an_internal_error_is_found() -> Result<()> {
    let planted = Planted {
        fault: "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = 'XX000'; END$$;
                CREATE TRIGGER broken BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION broken()",
        is_blind: false,
    };
    must_be_found("broken", &planted, "XX000")
}
