//! What a statement on `user_events` did, as its transition tables tell.

use std::collections::HashSet;

use hogsend_core::criteria::EventRow;
use hogsend_core::time::Instant;

use super::aliases::Renamed;
use super::users::Users;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::event_row::Keeper;
use crate::pg::fit::Column;
use crate::pg::moment;
use crate::pg::row::Row;
use crate::pg::scratch::Scratch;
use crate::pg::settings::{self, Evaluate};
use crate::pg::trigger::{Call, Operation, Side};
use crate::pipeline::{self, Arrival, Beforehand, Read, Unknown};
use crate::registry::Registry;
use crate::store::contacts;
use crate::store::seen_contacts;
use crate::store::totals;

/// Where what is read of an event stands.
pub(super) mod row {
    pub const USER_ID: usize = 0;
    pub const EVENT: usize = 1;
    pub const OCCURRED_AT: usize = 2;
    pub const USER_EMAIL: usize = 3;
    pub const CONTACT_PROPERTIES: usize = 4;
    pub const ID: usize = 5;
    /// What filters ask for.
    pub const EVENT_ROW: [usize; 3] = [6, 7, 8];
}

/// Of so many events of a statement that journeys mention what they say is kept; of others it is read again.
const MOST_KEPT: usize = 64;

/// Events of hogsend's own: stored, otherwise ignored.
pub(super) const RESERVED_PREFIX: &str = "bucket:";

/// Whether events begin, end and resume runs: those that come, unless nobody is to be told of anything or
/// nothing is evaluated.
fn is_for_runs(call: &Call, registry: &Registry) -> bool {
    call.operation == Operation::Insert
        && !registry.journeys.is_empty()
        && !registry.suspended
        && settings::announce()
        && settings::evaluate() != Evaluate::off
}

fn refuse_patch(user: &str) -> ! {
    Refusal::invalid("contact_properties must be a JSON object")
        .detail(format!(
            "That of an event of user \"{user}\" is something else."
        ))
        .hint("Give an object of the properties to set, or NULL.")
        .raise()
}

fn refuse_nameless(user: &str, event: &str) -> ! {
    let (column, detail) = match user {
        "" => ("user_id", format!("That of an event \"{event}\" is.")),
        _ => ("event", format!("That of an event of user \"{user}\" is.")),
    };
    Refusal::invalid(format!("{column} must not be empty"))
        .detail(detail)
        .hint("Every event has a user and a name; leave out what happened to nobody.")
        .raise()
}

/// What is read of an event where its name and its instant tell what it belongs to. Other columns the user
/// may have made whatever he likes.
static COLUMNS: [Column; 5] = [
    Column::user(c"user_id"),
    Column::key(c"event"),
    Column::instant(c"occurred_at"),
    Column::text(c"user_email").optional(),
    Column::json(c"contact_properties").optional(),
];

/// The number of the event besides, for whoever is to find it again.
pub(super) static NUMBERED: [Column; 6] = [
    Column::user(c"user_id"),
    Column::key(c"event"),
    Column::instant(c"occurred_at"),
    Column::text(c"user_email").optional(),
    Column::json(c"contact_properties").optional(),
    Column::bigint(c"id").optional(),
];

/// What is read of it otherwise, where that stands in a [`row`].
pub(super) static WHOLE: [Column; 9] = [
    Column::user(c"user_id"),
    Column::key(c"event"),
    Column::instant(c"occurred_at"),
    Column::text(c"user_email").optional(),
    Column::json(c"contact_properties").optional(),
    Column::bigint(c"id").optional(),
    Column::json(c"properties").optional(),
    Column::numeric(c"value").optional(),
    Column::text(c"source").optional(),
];

/// The users of a statement and what they did.
pub(super) struct Touched {
    /// Which statement, and the registry whose numbers stand for events and buckets.
    of: (usize, (u64, u64)),
    pub users: Users,
    /// Of an UPDATE: users who have its events now.
    holders: HashSet<String>,
    /// Of an UPDATE: how many of its rows had no name for a user or an event, as earlier releases let in.
    nameless: usize,
    pub patches: bool,
    /// Whose events are whose, where the statement says it otherwise.
    pub names: Renamed,
    /// What comes is noted for the runs of journeys.
    for_runs: bool,
    /// Of so many of them it is known what they say.
    kept: usize,
    keeper: Keeper,
    /// What was read beforehand of the only user.
    pub read: Option<Box<Read>>,
}

impl Touched {
    pub fn of(call: &Call, registry: &Registry) -> Touched {
        Touched::renamed(call, registry, Renamed::default())
    }

    /// The same where some of the users go by other names in the statement.
    pub fn renamed(call: &Call, registry: &Registry, names: Renamed) -> Touched {
        let mut touched = Touched {
            of: (call.data().addr(), registry.numbers()),
            for_runs: is_for_runs(call, registry),
            names,
            kept: 0,
            keeper: Keeper::here(),
            read: None,
            users: Users::default(),
            holders: HashSet::new(),
            nameless: 0,
            patches: false,
        };
        touched.read(call, Side::Old, registry);
        touched.read(call, Side::New, registry);
        if call.operation == Operation::Insert && !touched.patches {
            for subject in touched.users.iter_mut() {
                subject.arrivals_only = true;
            }
        }
        touched
    }

    pub fn is_of(&self, call: &Call, registry: &Registry) -> bool {
        self.of == (call.data().addr(), registry.numbers())
    }

    fn read(&mut self, call: &Call, side: Side, registry: &Registry) {
        // What is left out is known by its id.
        if registry.streams.read_rows || !self.names.is_empty() {
            let scratch = Scratch::new();
            call.for_each(side, &WHOLE, |row| {
                let id = row.bigint(row::ID).unwrap_or(0);
                let event = row.event(row::EVENT_ROW);
                scratch.with(|| self.take(call, side, registry, &row, id, &event));
            });
        } else if self.for_runs {
            call.for_each(side, &WHOLE, |row| {
                let id = row.bigint(row::ID).unwrap_or(0);
                self.take(call, side, registry, &row, id, &Unknown);
            });
        } else {
            call.for_each(side, &COLUMNS, |row| {
                self.take(call, side, registry, &row, 0, &Unknown);
            });
        }
    }

    /// Notes one row.
    fn take(
        &mut self,
        call: &Call,
        side: Side,
        registry: &Registry,
        row: &Row,
        id: i64,
        document: &impl EventRow,
    ) {
        let (Some(user), Some(event)) = (row.text(row::USER_ID), row.text(row::EVENT)) else {
            return;
        };
        if user.is_empty() || event.is_empty() {
            match (side, self.nameless.checked_sub(1)) {
                (Side::Old, _) => self.nameless += 1,
                (Side::New, Some(others)) => self.nameless = others,
                (Side::New, None) => refuse_nameless(user, event),
            }
        }
        if event.starts_with(RESERVED_PREFIX) {
            return;
        }
        let mut user = user;
        if side == Side::New && !self.names.is_empty() {
            if self.names.leaves_out(row.bigint(row::ID).unwrap_or(0)) {
                return;
            }
            user = self.names.user_of(user);
        }
        let patch = row::CONTACT_PROPERTIES;
        // JSON null is what clients write who have none.
        let has_properties = !row.is_null(patch) && !row.is_json_null(patch);
        self.patches |= !row.is_null(row::USER_EMAIL) || has_properties;
        if has_properties && side == Side::New && !row.is_json_object(patch) {
            refuse_patch(user);
        }
        let updated = call.operation == Operation::Update && side == Side::New;
        if updated && !self.holders.contains(user) {
            self.holders.insert(user.to_owned());
        }
        let subject = self.users.subject(user);
        let at = || Instant(row.bigint(row::OCCURRED_AT).unwrap_or(i64::MIN));
        if self.for_runs
            && let Some(name) = registry.journeys.named(event)
            && subject.is_news(registry, name)
        {
            let kept = (self.kept < MOST_KEPT).then(|| {
                self.kept += 1;
                // SAFETY: whoever reads a statement uses what was read in the same call of its trigger, in whose
                // memory that is kept.
                Box::new(unsafe { self.keeper.keep(&row.event(row::EVENT_ROW)) })
            });
            subject.came(registry, Arrival::now(name, (at(), id), kept));
        }
        let Some(number) = registry.events.number(event) else {
            return;
        };
        let at = at();
        subject.happened(registry, number, (at, id), document, side == Side::Old);
    }

    /// Adds up what the statement brings of series of which it is kept what they come to. That of an alias becomes the
    /// user's on the way, and is added to nothing.
    pub fn add_up(&mut self, call: &Call, registry: &Registry) {
        let adds = call.operation == Operation::Insert
            && registry.streams.keep_totals
            && self.names.is_empty()
            && self.users.iter().any(|s| s.touches_totals(registry))
            && totals::may_be(&call.context);
        if !adds {
            return;
        }
        if self.read.as_ref().is_some_and(|read| read.has_no_totals) {
            self.users.iter_mut().for_each(|s| s.has_no_totals = true);
            return;
        }
        let command = moment::statement_command();
        let scratch = Scratch::new();
        call.for_each(Side::New, &WHOLE, |row| {
            let event = row
                .text(row::EVENT)
                .filter(|e| !e.starts_with(RESERVED_PREFIX));
            let number = event.and_then(|event| registry.events.number(event));
            let (Some(user), Some(number)) = (row.text(row::USER_ID), number) else {
                return;
            };
            let at = Instant(row.bigint(row::OCCURRED_AT).unwrap_or(i64::MIN));
            let document = row.event(row::EVENT_ROW);
            let subject = self.users.subject(user);
            scratch.with(|| subject.added(registry, number, at, &document, command));
        });
    }

    /// No bucket references what was done, and everybody who did it has a contact.
    pub fn is_of_no_consequence(&self, context: &Context) -> bool {
        !self.patches
            && self
                .users
                .iter()
                .all(|s| !s.is_concerned() && seen_contacts::contains(context, &s.user))
    }

    /// Users whom an UPDATE left without any of the events that it touched.
    pub fn losers(&self, operation: Operation) -> Vec<String> {
        let users = self.users.iter().map(|subject| &subject.user);
        match operation {
            Operation::Update => users
                .filter(|user| !self.holders.contains(*user))
                .cloned()
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Sees what can be seen without SQL and the definer's rights; whether that says that there is nothing to do.
    pub fn is_settled(&mut self, context: &Context, registry: &Registry) -> bool {
        let mut users = self.users.iter();
        let (Some(subject), None) = (users.next(), users.next()) else {
            return false;
        };
        if settings::evaluate() != Evaluate::on || registry.suspended || self.patches {
            return false;
        }
        if !subject.is_concerned() {
            let is_known = contacts::exists_directly(context, &subject.user) == Some(true);
            if is_known {
                seen_contacts::remember(context, &subject.user);
            }
            return is_known;
        }
        match pipeline::look_beforehand(context, registry, subject) {
            Beforehand::Settled => true,
            Beforehand::Read(read) => {
                self.read = Some(read);
                false
            }
            Beforehand::Unknown => false,
        }
    }
}
