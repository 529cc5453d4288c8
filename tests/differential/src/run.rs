//! Many histories, on as many connections as there are cores, each with a database of its own.

use crate::database::Database;
use crate::generate::history;
use crate::history::sql::script;
use crate::play::{Played, play, shrink};
use anyhow::Result;
use hogsend_harness::{Cluster, Options};
use hogsend_model::World;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

/// The server of this test binary.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        // What is committed here need not survive anything.
        let mut options = Options::default().set("synchronous_commit", "off");
        if std::env::var_os("NO_DIRECT").is_some() {
            options = options.set("hogsend.test_no_direct", "on");
        }
        match Cluster::start(options) {
            Ok(cluster) => cluster,
            Err(error) => panic!("cannot start a server: {error:#}"),
        }
    })
}

/// What many histories came to.
#[derive(Default)]
pub struct Account {
    /// The first failure, as short as it fails.
    pub failure: Option<String>,
    /// How often each kind of transition and of stay came about.
    pub seen: BTreeMap<String, usize>,
}

/// What one history came to.
pub enum Once {
    /// The database and the model agreed; these kinds of things came about.
    Agreed(Vec<String>),
    /// They parted: the shortest that fails, and how they differ.
    Parted(String),
}

/// Plays the histories of `seeds`; `prepare` is run in every database before.
pub fn play_all(
    name: &str,
    world: &'static World,
    seeds: Range<u64>,
    prepare: impl Fn(&mut Database) -> Result<()> + Sync,
) -> Result<Account> {
    play_each(name, seeds, prepare, |database, seed| {
        let steps = history(seed, world);
        Ok(match play(database, &steps)? {
            Played::Agreed(model) => Once::Agreed(model.kinds()),
            Played::Parted(found) => {
                let (steps, found) = shrink(database, steps, found)?;
                Once::Parted(format!(
                    "{}\n{}",
                    script(&steps),
                    found.differences.join("\n")
                ))
            }
        })
    })
}

/// The same, whatever a history is: `once` plays the one of a seed.
pub fn play_each(
    name: &str,
    seeds: Range<u64>,
    prepare: impl Fn(&mut Database) -> Result<()> + Sync,
    once: impl Fn(&mut Database, u64) -> Result<Once> + Sync,
) -> Result<Account> {
    let next = AtomicU64::new(seeds.start);
    let stop = AtomicBool::new(false);
    let account = Mutex::new(Account::default());
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get());
    let work = |worker: usize| -> Result<()> {
        let mut database = Database::create(cluster(), &format!("{name}_{worker}"))?;
        prepare(&mut database)?;
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            match once(&mut database, seed)? {
                Once::Agreed(kinds) => {
                    let mut account = account.lock().unwrap();
                    for kind in kinds {
                        *account.seen.entry(kind).or_default() += 1;
                    }
                }
                Once::Parted(found) => {
                    stop.store(true, Ordering::Relaxed);
                    account.lock().unwrap().failure.get_or_insert(format!(
                        "the history of SEED={seed}, as short as it fails:\n\n{found}\n"
                    ));
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|n| scope.spawn(move || work(n))).collect();
        threads
            .into_iter()
            .try_for_each(|t| t.join().expect("a worker"))
    })?;
    Ok(account.into_inner().unwrap())
}

/// The seeds to play: as many as `HISTORIES` says, from `SEED` on; the one of `SEED` if it stands
/// alone, and as many as are usual if there is neither.
pub fn seeds(usual: u64) -> Range<u64> {
    let first = setting("SEED");
    let number = setting("HISTORIES").unwrap_or(if first.is_some() { 1 } else { usual });
    let first = first.unwrap_or(1);
    first..first + number
}

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().expect("a number"))
}
