//! One person, two names: what another id did, the user did.

mod chains;
mod runs;
mod stays;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::delivery::Outbox;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::sql::Session;
use crate::pipeline::{PASS, Pipeline, Subject, patches, run};
use crate::registry::{self, Registry};
use crate::store::merges::{self, Pair};
use crate::store::timers::Quiet;
use crate::store::{aliases, contacts, seen_contacts};

use chains::Group;
use stays::Carried;

/// Says that two ids are one person, who is known by the latter from now on; false when that was known.
#[pg_extern(security_definer)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_identify(
    alias: Option<&str>,
    user_id: Option<&str>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> bool {
    let name = |name: Option<&str>| Some(vec![name.map(str::to_owned)]);
    let (aliases, users) = (name(alias), name(user_id));
    identify(&Names::of(&aliases, &users), fcinfo) > 0
}

/// The same of many pairs; returns how many were not known.
#[pg_extern(security_definer, name = "hogsend_identify")]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_identify_many(
    aliases: Option<Vec<Option<String>>>,
    user_ids: Option<Vec<Option<String>>>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> i64 {
    identify(&Names::of(&aliases, &user_ids), fcinfo)
}

/// Pairs as they were given: none is empty, and none too long to have a contact.
struct Names<'a> {
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Names<'a> {
    fn of(
        aliases: &'a Option<Vec<Option<String>>>,
        users: &'a Option<Vec<Option<String>>>,
    ) -> Names<'a> {
        let given =
            |names: &'a Option<Vec<Option<String>>>, what: &str| -> &'a Vec<Option<String>> {
                names.as_ref().unwrap_or_else(|| {
                    Refusal::null(what)
                        .detail("Other ids and users are given as two arrays.")
                        .hint("Give two arrays of the same length, which may be empty.")
                        .raise()
                })
            };
        let (aliases, users) = (given(aliases, "aliases"), given(users, "user_ids"));
        if aliases.len() != users.len() {
            Refusal::invalid("aliases and user_ids must be of the same length")
                .detail(format!(
                    "There are {} aliases and {} users.",
                    aliases.len(),
                    users.len()
                ))
                .hint("Give for each alias the user whose id it is, at the same place.")
                .raise()
        }
        let pairs = aliases.iter().zip(users);
        let pairs = pairs.map(|(alias, user)| (require(alias, "alias"), require(user, "user_id")));
        Names {
            pairs: pairs.collect(),
        }
    }

    /// All names, in byte order.
    fn sorted(&self) -> Vec<&'a str> {
        let names = self.pairs.iter().flat_map(|(alias, user)| [*alias, *user]);
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn require<'a>(name: &'a Option<String>, what: &str) -> &'a str {
    let Some(name) = name else {
        Refusal::null(what)
            .detail("A pair is of the id that somebody had, and the one that they have.")
            .hint("Leave out whoever has no other id.")
            .raise()
    };
    if name.is_empty() {
        Refusal::invalid(format!("{what} must not be empty"))
            .detail("Nobody has the empty id.")
            .hint("Leave out whoever has no other id.")
            .raise()
    }
    contacts::check_id(name);
    name
}

fn identify(names: &Names, fcinfo: pg_sys::FunctionCallInfo) -> i64 {
    let context = Context::of_call(fcinfo);
    context.require_tables();
    let registry = registry::for_writing(&context);
    Session::write(&context, |session| {
        let identification = Identification {
            session,
            registry: &registry,
        };
        identification.run(names)
    })
}

struct Identification<'a> {
    session: &'a Session<'a>,
    registry: &'a Registry,
}

impl Identification<'_> {
    fn run(&self, names: &Names) -> i64 {
        let all = names.sorted();
        // Of `all`; and users who are not named themselves, but by an alias.
        let mut held = vec![false; all.len()];
        let mut others: BTreeSet<String> = BTreeSet::new();
        // What is known before the locks tells whom to lock, and what is known then may be more.
        let mut known = self.known(&all);
        loop {
            let groups = self.resolve(names, &known);
            let is_held = |name: &str| match all.binary_search(&name) {
                Ok(place) => held[place],
                Err(_) => others.contains(name),
            };
            let wanted = groups
                .iter()
                .flat_map(|(user, aliases)| aliases.iter().chain([user]));
            let mut missing: Vec<&str> = wanted.copied().filter(|name| !is_held(name)).collect();
            if missing.is_empty() {
                // Somebody made aliases of these while we waited for them.
                let strays = known.iter().map(|(alias, _)| alias.as_str());
                let strays: Vec<&str> = strays.filter(|alias| is_held(alias)).collect();
                if !strays.is_empty() {
                    contacts::unmake(self.session, &strays);
                }
                return self.merge(&groups);
            }
            missing.sort_unstable();
            self.hold(&missing);
            for name in missing {
                match all.binary_search(&name) {
                    Ok(place) => held[place] = true,
                    Err(_) => _ = others.insert(name.to_owned()),
                }
            }
            let others = others.iter().map(String::as_str);
            let with_others: Vec<&str> = all.iter().copied().chain(others).collect();
            known = self.known(&with_others);
        }
    }

    fn resolve<'n>(&self, names: &Names<'n>, known: &'n [(String, String)]) -> Vec<Group<'n>> {
        let pairs = names.pairs.iter().copied();
        chains::resolve(pairs, known).unwrap_or_else(|refusal| refusal.raise())
    }

    /// Which of the names are aliases already.
    fn known(&self, names: &[&str]) -> Vec<(String, String)> {
        let parts = names.chunks(PASS);
        parts
            .flat_map(|names| self.session.nested(|session| aliases::of(session, names)))
            .collect()
    }

    /// Locks the contacts of names, all in byte order. Who has none gets one, other ids too: until the pair is
    /// committed nobody else can make one, and then finds the pair. All are there before the first is locked, so
    /// that no two statements wait for each other in a circle.
    fn hold(&self, names: &[&str]) {
        for names in names.chunks(PASS) {
            self.session
                .nested(|session| contacts::create_rows(session, names));
        }
        for names in names.chunks(PASS) {
            self.session
                .nested(|session| contacts::lock_or_create_rows(session, names));
        }
    }

    /// Makes ids the users', in passes; returns how many.
    fn merge(&self, groups: &[Group]) -> i64 {
        if groups.is_empty() {
            return 0;
        }
        seen_contacts::announce_deletion(self.session.context());
        let mut passes = Passes {
            work: self,
            pairs: Vec::new(),
            users: Vec::new(),
            carried: Carried::default(),
            quiet: HashMap::new(),
            outbox: Outbox::default(),
        };
        for (user, aliases) in groups {
            for alias in aliases {
                passes.add((alias, user));
            }
            passes.users.push(user);
        }
        passes.flush();
        passes.outbox.send();
        groups.iter().map(|(_, aliases)| aliases.len() as i64).sum()
    }
}

/// What is done at once: as many pairs as a pass has, and then a look at the users all of whose ids are theirs.
struct Passes<'a> {
    work: &'a Identification<'a>,
    pairs: Vec<Pair<'a>>,
    users: Vec<&'a str>,
    carried: Carried,
    /// What is not to be said of users, because it was not to be said of their other ids.
    quiet: HashMap<&'a str, Quiet>,
    outbox: Outbox,
}

impl<'a> Passes<'a> {
    fn add(&mut self, pair: Pair<'a>) {
        self.pairs.push(pair);
        if self.pairs.len() == PASS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        pgrx::check_for_interrupts!();
        let pairs = std::mem::take(&mut self.pairs);
        let session = self.work.session;
        session.nested(|session| self.take_over(session, &pairs));
        session.nested(|session| self.look(session));
    }

    fn take_over(&mut self, session: &Session, pairs: &[Pair<'a>]) {
        let now = clock::now();
        let aliases: Vec<&str> = pairs.iter().map(|pair| pair.0).collect();
        // Patches of the queue are part of what is known of an id, and are no patches of the user.
        let _ = patches::overtake(session, self.work.registry, &aliases, &mut []);
        let users: Vec<&str> = pairs.iter().map(|pair| pair.1).collect();
        let contacts = contacts::read(session, &users, &[]);
        let gone = contacts.iter().filter(|(_, contact)| contact.deleted);
        let gone: HashSet<&str> = gone.map(|(user, _)| user.as_str()).collect();
        stays::inherit(session, pairs, &gone, now, &mut self.carried);
        let quiet = merges::drop_timers(session, &aliases);
        for (alias, user) in pairs {
            if let Some(of_alias) = quiet.get(*alias) {
                let of_user = self.quiet.entry(user).or_default();
                of_user.silent |= of_alias.silent;
                of_user.muted |= of_alias.muted;
            }
        }
        runs::inherit(session, pairs, &gone, now);
        merges::take_over(session, pairs, now);
    }

    fn look(&mut self, session: &Session) {
        let mut subjects: Vec<Subject> = Vec::with_capacity(self.users.len());
        for user in self.users.drain(..) {
            let mut subject = Subject::new(user);
            subject.everything = true;
            subject.carried = self.carried.remove(user).map(Rc::new);
            if let Some(quiet) = self.quiet.remove(user) {
                subject.silent = quiet.silent;
                subject.muted = quiet.muted;
            }
            subjects.push(subject);
        }
        let pipeline = Pipeline::new(session, self.work.registry);
        pipeline.run(&mut subjects, run::MERGE, &mut self.outbox);
    }
}
