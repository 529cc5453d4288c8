//! Which installation of hogsend this call belongs to: its schema, and what is kept for it.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};
use std::rc::Rc;

use pgrx::pg_sys;

use crate::pg::memory;

/// The schema that the called function lives in, and with it all our tables.
#[derive(Debug, PartialEq, Eq)]
pub struct Context {
    namespace: pg_sys::Oid,
    /// Whose rights our definer functions have.
    pub owner: pg_sys::Oid,
    name: String,
    /// The name as it is written in SQL.
    quoted: String,
    /// The table that stands for the definitions where they are locked; invalid if there is none.
    instance: pg_sys::Oid,
    /// Differs from that of every other context of this backend. Whatever is kept for a context
    /// (plans, compiled buckets) is kept together with its number.
    pub number: u64,
}

const INSTANCE_TABLE: &CStr = c"hogsend_instance";

/// An event of a new user calls three.
const CALLED_LATELY: usize = 4;
const NONE: [pg_sys::Oid; CALLED_LATELY] = [pg_sys::InvalidOid; CALLED_LATELY];

thread_local! {
    static CURRENT: RefCell<Option<Rc<Context>>> = const { RefCell::new(None) };
    static COUNTER: Cell<u64> = const { Cell::new(1) };
    /// Functions that were called lately, which had the current context.
    static CALLED: Cell<[pg_sys::Oid; CALLED_LATELY]> = const { Cell::new(NONE) };
    /// The alterations of tables, and of functions and schemas, after which they were noted.
    static CALLED_AT: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

impl Context {
    /// The context of a function call.
    ///
    /// The schema can be renamed, and the extension dropped and created elsewhere in the life of
    /// one session; that is then another context.
    pub fn of_call(fcinfo: pg_sys::FunctionCallInfo) -> Rc<Context> {
        // SAFETY: Postgres passes a valid call with the function it looked up.
        let function = unsafe { (*(*fcinfo).flinfo).fn_oid };
        let current = CURRENT.with(|current| current.borrow().clone());
        let now = (memory::alterations(), memory::catalog_changes());
        if CALLED_AT.replace(now) != now {
            CALLED.set(NONE);
        }
        match current {
            Some(context) if CALLED.get().contains(&function) => context,
            current => {
                let before = current.as_ref().map(|context| context.number);
                let context = Context::look_up(function, current);
                // The functions that were called before had another context; and nobody tells when the
                // table appears.
                let mut called = match before == Some(context.number) {
                    true => CALLED.get(),
                    false => NONE,
                };
                if context.instance != pg_sys::InvalidOid {
                    called.rotate_right(1);
                    called[0] = function;
                }
                CALLED.set(called);
                CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&context)));
                context
            }
        }
    }

    fn look_up(function: pg_sys::Oid, current: Option<Rc<Context>>) -> Rc<Context> {
        // SAFETY: look-ups in the catalog; the namespace's name is palloc'ed and copied at once.
        let (namespace, name, instance) = unsafe {
            let namespace = pg_sys::get_func_namespace(function);
            let name = pg_sys::get_namespace_name(namespace);
            assert!(!name.is_null(), "function {function} has no schema");
            let instance = pg_sys::get_relname_relid(INSTANCE_TABLE.as_ptr(), namespace);
            memory::watch(instance);
            (namespace, CStr::from_ptr(name), instance)
        };
        if let Some(context) = current
            && context.namespace == namespace
            && context.name.as_bytes() == name.to_bytes()
            && context.instance == instance
        {
            return context;
        }
        // SAFETY: quote_identifier returns its argument or a palloc'ed copy; both are copied here.
        let quoted = unsafe { CStr::from_ptr(pg_sys::quote_identifier(name.as_ptr())) };
        Rc::new(Context {
            namespace,
            owner: owner_of(function),
            name: name.to_string_lossy().into_owned(),
            quoted: quoted.to_string_lossy().into_owned(),
            instance,
            number: COUNTER.replace(COUNTER.get() + 1),
        })
    }

    /// An SQL text with our schema in place of `{s}`; and of `{+new+|old+}` what suits tables that have
    /// the columns of this release, or those that an earlier one has made.
    pub fn expand(&self, text: &str) -> CString {
        let mut text = text.replace("{s}", &self.quoted);
        while let Some((before, rest)) = text.split_once("{+") {
            let (choice, after) = rest.split_once("+}").unwrap_or((rest, ""));
            let (new, old) = choice.split_once("+|").unwrap_or((choice, ""));
            let chosen = if self.has_new_columns() { new } else { old };
            text = format!("{before}{chosen}{after}");
        }
        CString::new(text).expect("SQL of ours has no NUL byte")
    }

    /// Our schema as it is written in SQL.
    pub fn quoted(&self) -> &str {
        &self.quoted
    }

    pub fn namespace(&self) -> pg_sys::Oid {
        self.namespace
    }

    /// The table that is locked in the place of all definitions.
    pub fn instance(&self) -> pg_sys::Oid {
        match self.instance {
            // It may have been created since.
            pg_sys::InvalidOid => self.table(INSTANCE_TABLE),
            instance => instance,
        }
    }

    /// The oid of one of our tables; invalid if it does not exist.
    pub fn table(&self, name: &CStr) -> pg_sys::Oid {
        // SAFETY: a catalog look-up by name.
        unsafe { pg_sys::get_relname_relid(name.as_ptr(), self.namespace) }
    }
}

fn owner_of(function: pg_sys::Oid) -> pg_sys::Oid {
    let cache = pg_sys::SysCacheIdentifier::PROCOID as i32;
    // SAFETY: a catalog look-up by oid; the owner is never NULL, and read before the entry is released.
    unsafe {
        let entry = pg_sys::SearchSysCache1(cache, pg_sys::Datum::from(function));
        if entry.is_null() {
            return pg_sys::InvalidOid;
        }
        let mut is_null = false;
        let column = pg_sys::Anum_pg_proc_proowner as i16;
        let owner = pg_sys::SysCacheGetAttr(cache, entry, column, &mut is_null);
        pg_sys::ReleaseSysCache(entry);
        pg_sys::Oid::from(owner.value() as u32)
    }
}
