//! Journeys: runs that begin, wait, go on and end, one by one and many together.

use super::{EVERYTHING, Steps};

/// The live run of a user of the steps.
fn run(user: &str) -> String {
    format!("(SELECT max(id) FROM journey_runs WHERE user_id = '{{u}}{user}')")
}

pub fn runs(steps: &mut Steps) {
    steps.add(
        EVERYTHING,
        "SELECT hogsend_define_journey('j{u}', '{bucket:entered:manual,{u}start}', '{{u}stop,bucket:left:nobody}')",
    );
    steps.add(
        EVERYTHING,
        "SELECT hogsend_define_journey('j{u}', '{bucket:entered:manual,{u}start}', '{{u}stop}')",
    );
    let happens = |user: &str, event: &str| {
        format!(
            "INSERT INTO user_events (user_id, event, occurred_at, properties) VALUES ('{{u}}{user}', '{{u}}{event}', '{{now}}', '{{\"p\": 1}}')"
        )
    };
    let filter = r#"'{"type": "property", "property": "p", "operator": "exists"}'"#;
    let wait = |user: &str| {
        format!(
            "SELECT hogsend_wait_for({}, '{{u}}awaited', '1 day', 'a', filter => {filter})",
            run(user)
        )
    };
    let at_once = |user: &str| {
        format!(
            "SELECT hogsend_sleep_until({}, '2026-01-01 00:00+00', 'b')",
            run(user)
        )
    };
    for said in [
        happens("j1", "start"),
        wait("j1"),
        happens("j1", "awaited"),
        format!("SELECT hogsend_checkpoint({}, 'c')", run("j1")),
        at_once("j1"),
    ] {
        steps.add(1000, &said);
    }
    steps.add(EVERYTHING, "SELECT hogsend_reconcile()");
    for said in [
        format!("SELECT hogsend_complete({})", run("j1")),
        happens("j2", "start"),
        happens("j2", "stop"),
        happens("j3", "start"),
        "SELECT hogsend_add_member('manual', '{u}j4')".to_owned(),
        format!("SELECT hogsend_fail({}, 'no')", run("j4")),
        happens("j1", "start"),
        happens("j2", "start"),
        "SELECT hogsend_identify('{u}j3', '{u}j1')".to_owned(),
        "SELECT hogsend_identify('{u}j5', '{u}j2')".to_owned(),
        wait("j2"),
        "SET hogsend.evaluate = later".to_owned(),
        happens("j2", "awaited"),
        happens("j6", "start"),
        "RESET hogsend.evaluate".to_owned(),
    ] {
        steps.add(1000, &said);
    }
    steps.add(EVERYTHING, "SELECT hogsend_reconcile()");
    for said in [
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}k' || n, '{u}start', '{now}'::timestamptz FROM generate_series(1, 300) n".to_owned(),
        "SELECT count(*) FILTER (WHERE hogsend_wait_for(r.id, '{u}awaited', '1 day', 'a')) FROM journey_runs r WHERE r.user_id LIKE '{u}k%'".to_owned(),
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}k' || n, '{u}awaited', '{now}'::timestamptz FROM generate_series(1, 100) n".to_owned(),
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}k' || n, '{u}stop', '{now}'::timestamptz FROM generate_series(1, 50) n".to_owned(),
        "SELECT hogsend_identify(array_agg('{u}k' || n), array_agg('{u}k' || n + 100)) FROM generate_series(101, 120) n".to_owned(),
        "UPDATE contacts SET deleted_at = now() WHERE user_id LIKE '{u}k1%'".to_owned(),
        "DELETE FROM contacts WHERE user_id LIKE '{u}k2%'".to_owned(),
        "SELECT hogsend_forget_user('{u}j2')".to_owned(),
        // One name too many.
        "UPDATE journeys SET waits_for = ARRAY(SELECT '{u}name' || n FROM generate_series(1, 1000) n) WHERE id = 'j{u}'".to_owned(),
        "DO $$ BEGIN
             PERFORM hogsend_wait_for((SELECT max(id) FROM journey_runs WHERE ended_at IS NULL AND user_id LIKE '{u}k%'), '{u}more', '1 day', 'a');
         EXCEPTION WHEN program_limit_exceeded THEN NULL;
         END $$".to_owned(),
        "UPDATE journeys SET enabled = false WHERE id = 'j{u}'".to_owned(),
        "DELETE FROM journeys WHERE id = 'j{u}'".to_owned(),
    ] {
        steps.add(EVERYTHING, &said);
    }
}
