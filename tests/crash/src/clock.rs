//! Those who do what time and definitions make due: two clocks, and somebody who redefines buckets so
//! that there is always a job under way.

use anyhow::Result;
use hogsend_client_tests::delivery::world::World;
use hogsend_client_tests::stage::Phase;
use hogsend_model::Random;
use postgres::Client;
use std::thread;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(20);

/// As a scheduler without pg_cron does, in small batches, so that a job takes many.
pub fn reconcile(world: &World) -> Result<()> {
    world.stage.persist(Phase::Over, || {
        let mut client = world.database.connect()?;
        while world.stage.is_before(Phase::Over) {
            client.batch_execute("SELECT hogsend_reconcile(100)")?;
            thread::sleep(PAUSE);
        }
        Ok(())
    })
}

/// As pg_cron does.
pub fn run(world: &World) -> Result<()> {
    world.stage.persist(Phase::Over, || {
        let mut client = world.database.connect()?;
        while world.stage.is_before(Phase::Over) {
            client.batch_execute("CALL hogsend_run('300 milliseconds')")?;
        }
        Ok(())
    })
}

/// Changes "level" over and over, and now and then begins "fresh" anew. There are far too many
/// candidates for the defining statement, though not many move: jobs are to take long, and leave
/// the outbox to others.
pub fn define(world: &World) -> Result<()> {
    let mut random = Random::new(1);
    world.stage.persist(Phase::Settling, || {
        let mut client = world.database.connect()?;
        client.batch_execute(
            "SET hogsend.inline_backfill = 100; SET client_min_messages = warning",
        )?;
        while world.stage.is_before(Phase::Settling) {
            if has_job(&mut client)? {
                thread::sleep(PAUSE);
            } else {
                change(&mut client, &mut random)?;
            }
        }
        Ok(())
    })
}

/// Whether a job is under way.
pub fn has_job(client: &mut Client) -> Result<bool> {
    let open = "SELECT EXISTS (SELECT FROM bucket_jobs WHERE status IN ('pending', 'running'))";
    Ok(client.query_one(open, &[])?.get(0))
}

fn change(client: &mut Client, random: &mut Random) -> Result<()> {
    let limit = random.between(45, 55);
    let criteria =
        format!("hogsend_all(hogsend_event('seed'), hogsend_property('level', 'lt', {limit}))");
    let bucket = if random.one_in(10) {
        client.batch_execute(&format!(
            "BEGIN;
             DELETE FROM buckets WHERE id = 'fresh';
             INSERT INTO buckets (id, criteria) VALUES ('fresh', {criteria});
             COMMIT"
        ))?;
        "fresh"
    } else {
        client.batch_execute(&format!(
            "SELECT hogsend_define_bucket('level', {criteria})"
        ))?;
        "level"
    };
    // Others are left to the clocks.
    if random.one_in(3) {
        client.batch_execute(&format!("CALL hogsend_backfill('{bucket}')"))?;
    }
    Ok(())
}
