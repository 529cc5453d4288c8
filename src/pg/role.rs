//! Roles and settings, as the server has them: look-ups without SQL.

use std::ffi::{CStr, CString};

use pgrx::pg_sys;

/// With whose rights this code runs.
pub fn current() -> pg_sys::Oid {
    // SAFETY: reads a variable of this backend.
    unsafe { pg_sys::GetUserId() }
}

pub fn current_name() -> String {
    name_of(current()).unwrap_or_default()
}

/// Does `work` with the rights of another role. An error sets back what was in force with the
/// subtransaction that it ends, so there must be one of ours around it, or nobody who goes on after it.
pub fn acting_as<R>(role: pg_sys::Oid, work: impl FnOnce() -> R) -> R {
    let mut outer = (pg_sys::InvalidOid, 0);
    // SAFETY: reads and sets variables of this backend, and puts back what it read.
    unsafe {
        pg_sys::GetUserIdAndSecContext(&mut outer.0, &mut outer.1);
        let restricted = outer.1
            | pg_sys::SECURITY_LOCAL_USERID_CHANGE as i32
            | pg_sys::SECURITY_RESTRICTED_OPERATION as i32;
        pg_sys::SetUserIdAndSecContext(role, restricted);
        let value = work();
        pg_sys::SetUserIdAndSecContext(outer.0, outer.1);
        value
    }
}

/// What the role is called; `None` if there is none.
pub fn name_of(role: pg_sys::Oid) -> Option<String> {
    // SAFETY: a catalog look-up; the name is palloc'ed and copied at once.
    unsafe {
        let name = pg_sys::GetUserNameFromId(role, true);
        (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned())
    }
}

pub fn by_name(name: &str) -> Option<pg_sys::Oid> {
    let name = CString::new(name).ok()?;
    // SAFETY: a catalog look-up by name.
    let role = unsafe { pg_sys::get_role_oid(name.as_ptr(), true) };
    (role != pg_sys::InvalidOid).then_some(role)
}

pub fn is_superuser(role: pg_sys::Oid) -> bool {
    // SAFETY: a catalog look-up by oid.
    unsafe { pg_sys::superuser_arg(role) }
}

/// Whether `me` could SET ROLE to `them`.
pub fn may_become(me: pg_sys::Oid, them: pg_sys::Oid) -> bool {
    // SAFETY: a catalog look-up by oid.
    #[cfg(any(feature = "pg14", feature = "pg15"))]
    return unsafe { pg_sys::is_member_of_role(me, them) };
    // SAFETY: as above.
    #[cfg(not(any(feature = "pg14", feature = "pg15")))]
    return unsafe { pg_sys::member_can_set_role(me, them) };
}

/// Whether `me` has the rights of `them` without more ado.
pub fn has_rights_of(me: pg_sys::Oid, them: pg_sys::Oid) -> bool {
    // SAFETY: a catalog look-up by oid.
    unsafe { pg_sys::has_privs_of_role(me, them) }
}

/// Whether row-level security may hide rows of a table from a role.
pub fn may_hide_rows(table: pg_sys::Oid, role: pg_sys::Oid) -> bool {
    // SAFETY: it looks tables and roles up, and raises no error where it is told so.
    let kind = unsafe { pg_sys::check_enable_rls(table, role, true) };
    kind == pg_sys::CheckEnableRlsResult::RLS_ENABLED as i32
}

/// Whose table it is.
pub fn owner_of_table(table: pg_sys::Oid) -> pg_sys::Oid {
    let cache = pg_sys::SysCacheIdentifier::RELOID as i32;
    // SAFETY: a catalog look-up by oid; the owner is never NULL, and read before the entry is released.
    unsafe {
        let entry = pg_sys::SearchSysCache1(cache, pg_sys::Datum::from(table));
        if entry.is_null() {
            return pg_sys::InvalidOid;
        }
        let mut is_null = false;
        let column = pg_sys::Anum_pg_class_relowner as i16;
        let owner = pg_sys::SysCacheGetAttr(cache, entry, column, &mut is_null);
        pg_sys::ReleaseSysCache(entry);
        pg_sys::Oid::from(owner.value() as u32)
    }
}

/// The search_path in force, as it is set.
pub fn search_path() -> String {
    // SAFETY: the setting exists; its value is copied at once.
    unsafe {
        let value = pg_sys::GetConfigOption(c"search_path".as_ptr(), false, false);
        CStr::from_ptr(value).to_string_lossy().into_owned()
    }
}
