//! Which installation of hogsend this call belongs to: its schema, and what is kept for it.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};
use std::rc::Rc;

use pgrx::pg_sys;

/// The schema that the called function lives in, and with it all our tables.
#[derive(Debug, PartialEq, Eq)]
pub struct Context {
    namespace: pg_sys::Oid,
    /// Whose rights our definer functions have.
    pub owner: pg_sys::Oid,
    name: String,
    /// The name as it is written in SQL.
    quoted: String,
    /// Differs from that of every other context of this backend. Whatever is kept for a context
    /// (plans, compiled buckets) is kept together with its number.
    pub number: u64,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Context>>> = const { RefCell::new(None) };
    static COUNTER: Cell<u64> = const { Cell::new(1) };
}

impl Context {
    /// The context of a function call.
    ///
    /// The schema can be renamed, and the extension dropped and created elsewhere in the life of
    /// one session; that is then another context.
    pub fn of_call(fcinfo: pg_sys::FunctionCallInfo) -> Rc<Context> {
        // SAFETY: Postgres passes a valid call with the function it looked up; the namespace name
        // is palloc'ed and copied at once.
        let (function, namespace, name) = unsafe {
            let function = (*(*fcinfo).flinfo).fn_oid;
            let namespace = pg_sys::get_func_namespace(function);
            let name = pg_sys::get_namespace_name(namespace);
            assert!(!name.is_null(), "function {function} has no schema");
            (function, namespace, CStr::from_ptr(name))
        };
        let current = CURRENT.with(|current| current.borrow().clone());
        if let Some(context) = current
            && context.namespace == namespace
            && context.name.as_bytes() == name.to_bytes()
        {
            return context;
        }
        // SAFETY: quote_identifier returns its argument or a palloc'ed copy; both are copied here.
        let quoted = unsafe { CStr::from_ptr(pg_sys::quote_identifier(name.as_ptr())) };
        let context = Rc::new(Context {
            namespace,
            owner: owner_of(function),
            name: name.to_string_lossy().into_owned(),
            quoted: quoted.to_string_lossy().into_owned(),
            number: COUNTER.replace(COUNTER.get() + 1),
        });
        CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&context)));
        context
    }

    /// An SQL text with our schema in place of `{s}`.
    pub fn expand(&self, text: &str) -> CString {
        CString::new(text.replace("{s}", &self.quoted)).expect("SQL of ours has no NUL byte")
    }

    pub fn namespace(&self) -> pg_sys::Oid {
        self.namespace
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
