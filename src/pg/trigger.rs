//! Trigger calls: the entry point for Postgres, and the rows that a statement touched.
//!
//! Transition tables are read straight from their tuplestores. Going through SPI would cost as
//! much as everything else that happens for an event that no bucket references.

use std::ffi::{CStr, CString};
use std::rc::Rc;

use pgrx::pg_sys;

use crate::pg::columns;
use crate::pg::context::Context;
use crate::pg::fit::{self, Column};
use crate::pg::row::{self, Row};

/// Which statement fired the trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Insert,
    Delete,
    Update,
    Truncate,
}

/// One call of a statement-level trigger.
pub struct Call {
    data: *mut pg_sys::TriggerData,
    pub context: Rc<Context>,
    pub operation: Operation,
}

/// Which transition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Old,
    New,
}

impl Call {
    /// Reads the call that Postgres makes; `None` when the function is not called as a trigger.
    pub fn of(fcinfo: pg_sys::FunctionCallInfo) -> Option<Call> {
        // SAFETY: Postgres passes a valid call; its context is TriggerData if it says so.
        unsafe {
            if !pgrx::trigger_support::called_as_trigger(fcinfo) {
                return None;
            }
            let data = (*fcinfo).context as *mut pg_sys::TriggerData;
            let operation = match (*data).tg_event & pg_sys::TRIGGER_EVENT_OPMASK {
                pg_sys::TRIGGER_EVENT_INSERT => Operation::Insert,
                pg_sys::TRIGGER_EVENT_DELETE => Operation::Delete,
                pg_sys::TRIGGER_EVENT_UPDATE => Operation::Update,
                _ => Operation::Truncate,
            };
            Some(Call {
                data,
                context: Context::of_call(fcinfo),
                operation,
            })
        }
    }

    pub fn data(&self) -> *mut pg_sys::TriggerData {
        self.data
    }

    /// The table that the trigger is on.
    pub fn relation(&self) -> pg_sys::Oid {
        // SAFETY: Postgres passed valid trigger data, and the relation is open.
        unsafe { (*(*self.data).tg_relation).rd_id }
    }

    /// The trigger's own first argument.
    pub fn argument(&self) -> Option<&str> {
        // SAFETY: Postgres passed valid trigger data with its trigger, whose arguments live as long.
        unsafe {
            let trigger = (*self.data).tg_trigger;
            if (*trigger).tgnargs < 1 {
                return None;
            }
            CStr::from_ptr(*(*trigger).tgargs).to_str().ok()
        }
    }

    /// Calls another trigger function of ours, without arguments of its own, for the same statement;
    /// false if there is none of that name.
    pub fn pass_on(&self, name: &CStr) -> bool {
        // SAFETY: the function is one of ours, by its name and schema, and takes a trigger's call.
        // What it raises goes through the guard.
        unsafe {
            let function = pg_sys::GetSysCacheOid(
                pg_sys::SysCacheIdentifier::PROCNAMEARGSNSP as i32,
                pg_sys::Anum_pg_proc_oid as i16,
                pg_sys::Datum::from(name.as_ptr()),
                pg_sys::Datum::from(pg_sys::buildoidvector(std::ptr::null(), 0)),
                pg_sys::Datum::from(self.context.namespace()),
                pg_sys::Datum::from(0),
            );
            if function == pg_sys::InvalidOid {
                return false;
            }
            let mut info = pg_sys::FmgrInfo::default();
            pg_sys::fmgr_info(function, &mut info);
            let mut call = pg_sys::FunctionCallInfoBaseData {
                flinfo: &mut info,
                context: self.data.cast(),
                ..Default::default()
            };
            if let Some(body) = info.fn_addr {
                pg_sys::ffi::pg_guard_ffi_boundary(|| body(&mut call));
            }
            true
        }
    }

    /// How many rows there are in a transition table.
    pub fn count(&self, side: Side) -> i64 {
        // SAFETY: the tuplestore belongs to the running statement.
        unsafe {
            match self.store(side) {
                store if store.is_null() => 0,
                store => pg_sys::tuplestore_tuple_count(store),
            }
        }
    }

    /// Whether there is that transition table, and no row in it.
    pub fn has_none(&self, side: Side) -> bool {
        !self.store(side).is_null() && self.count(side) == 0
    }

    fn store(&self, side: Side) -> *mut pg_sys::Tuplestorestate {
        // SAFETY: Postgres passed valid trigger data.
        unsafe {
            match side {
                Side::Old => (*self.data).tg_oldtable,
                Side::New => (*self.data).tg_newtable,
            }
        }
    }

    /// Hands every row of a transition table to `visit`, if there is such a table. An
    /// optional column that the table does not have is NULL.
    pub fn for_each<const N: usize>(
        &self,
        side: Side,
        names: &'static [Column; N],
        mut visit: impl FnMut(Row),
    ) {
        // SAFETY: the tuplestore belongs to the running statement and outlives this call. Read
        // pointer 0 is ours to move: whoever reads the table by name allocates their own. A row is
        // valid until the next is fetched, and `visit` cannot keep it. The slot is dropped on the
        // success path; on an error its memory goes with the context.
        unsafe {
            let store = self.store(side);
            if store.is_null() {
                return;
            }
            let relation = (*self.data).tg_relation;
            let (descriptor, numbers) = ((*relation).rd_att, columns::numbers(relation, names));
            let slot = pg_sys::MakeSingleTupleTableSlot(descriptor, &pg_sys::TTSOpsMinimalTuple);
            pg_sys::tuplestore_select_read_pointer(store, 0);
            pg_sys::tuplestore_rescan(store);
            let mut rows: u64 = 0;
            while pg_sys::tuplestore_gettupleslot(store, true, false, slot) {
                visit(Row::new(&row::columns(slot, numbers)));
                rows += 1;
                if rows.is_multiple_of(4096) {
                    pgrx::check_for_interrupts!();
                }
            }
            pg_sys::ExecDropSingleTupleTableSlot(slot);
        }
    }

    /// Whether any row of an UPDATE differs from what it was in one of these columns. The rows are compared
    /// in the order in which they come; where they are all the same in it, they are in any order.
    pub fn changes(&self, columns: &[String]) -> bool {
        let (old, new) = (self.store(Side::Old), self.store(Side::New));
        if old.is_null() || new.is_null() || self.count(Side::Old) != self.count(Side::New) {
            return true;
        }
        // SAFETY: as in `for_each`, of two tuplestores at once, which are of the same table. Values of both
        // are compared while their rows are there.
        unsafe {
            let descriptor = (*(*self.data).tg_relation).rd_att;
            let named = columns
                .iter()
                .filter_map(|name| CString::new(name.as_str()).ok());
            let numbers: Vec<i32> = named
                .map(|name| pg_sys::SPI_fnumber(descriptor, name.as_ptr()))
                .collect();
            let last = numbers.iter().copied().max().unwrap_or_default();
            if numbers.len() < columns.len() || numbers.iter().any(|number| *number < 1) {
                return true;
            }
            let slots = [old, new].map(|store| {
                pg_sys::tuplestore_select_read_pointer(store, 0);
                pg_sys::tuplestore_rescan(store);
                pg_sys::MakeSingleTupleTableSlot(descriptor, &pg_sys::TTSOpsMinimalTuple)
            });
            let mut changes = false;
            let mut rows: u64 = 0;
            while !changes
                && pg_sys::tuplestore_gettupleslot(old, true, false, slots[0])
                && pg_sys::tuplestore_gettupleslot(new, true, false, slots[1])
            {
                for slot in slots {
                    if i32::from((*slot).tts_nvalid) < last {
                        pg_sys::slot_getsomeattrs_int(slot, last);
                    }
                }
                changes = numbers.iter().any(|number| {
                    let place = *number as usize - 1;
                    let [was, is] = slots.map(|slot| {
                        let is_null = *(*slot).tts_isnull.add(place);
                        (!is_null).then(|| *(*slot).tts_values.add(place))
                    });
                    !row::is_same(fit::attribute(descriptor, place), was, is)
                });
                rows += 1;
                if rows.is_multiple_of(4096) {
                    pgrx::check_for_interrupts!();
                }
            }
            for slot in slots {
                pg_sys::ExecDropSingleTupleTableSlot(slot);
            }
            changes
        }
    }
}

/// What a trigger function hands back to Postgres.
pub trait Answer {
    fn datum(self) -> pg_sys::Datum;
}

/// Of a trigger for statements: nothing.
impl Answer for () {
    fn datum(self) -> pg_sys::Datum {
        pg_sys::Datum::from(0)
    }
}

/// Of one for rows: the row to be written.
impl Answer for pg_sys::HeapTuple {
    fn datum(self) -> pg_sys::Datum {
        pg_sys::Datum::from(self)
    }
}

/// Defines the C entry point of a trigger function; its CREATE FUNCTION is in sql/triggers.sql,
/// because pgrx's own macro knows neither definer rights nor a search_path.
macro_rules! trigger_function {
    ($symbol:ident, $finfo:ident, $body:path) => {
        #[unsafe(no_mangle)]
        pub extern "C" fn $finfo() -> &'static pgrx::pg_sys::Pg_finfo_record {
            const V1: pgrx::pg_sys::Pg_finfo_record =
                pgrx::pg_sys::Pg_finfo_record { api_version: 1 };
            &V1
        }

        /// # Safety
        ///
        /// Only for Postgres to call, as the trigger function of that name.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $symbol(
            fcinfo: pgrx::pg_sys::FunctionCallInfo,
        ) -> pgrx::pg_sys::Datum {
            let body = move || {
                let answer = match $crate::pg::trigger::Call::of(fcinfo) {
                    Some(call) => $body(&call),
                    None => $crate::pg::error::Refusal::new(
                        pgrx::PgSqlErrorCode::ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
                        concat!(stringify!($symbol), "() can only be called as a trigger"),
                    )
                    .hint("hogsend_migrate() creates the triggers that call it.")
                    .raise(),
                };
                $crate::pg::trigger::Answer::datum(answer)
            };
            // SAFETY: the guard turns a Rust panic into a Postgres error at this boundary.
            unsafe { pgrx::pg_sys::submodules::panic::pgrx_extern_c_guard(body) }
        }
    };
}
pub(crate) use trigger_function;
