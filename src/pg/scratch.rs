//! Memory for one thing after the other.

use pgrx::pg_sys;

/// A memory context in which things are done that leave nothing behind.
pub struct Scratch(pg_sys::MemoryContext);

impl Scratch {
    /// One that goes with the current context, if not before.
    pub fn new() -> Scratch {
        // SAFETY: an ordinary context below the current one.
        Scratch(unsafe {
            pg_sys::AllocSetContextCreateInternal(
                pg_sys::CurrentMemoryContext,
                c"hogsend scratch".as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            )
        })
    }

    /// Does something that may allocate, and frees what it did. What it returns must not be Postgres's.
    pub fn with<R: 'static>(&self, part: impl FnOnce() -> R) -> R {
        // SAFETY: the context lives as long as we do. On an error it is freed with the one around it.
        unsafe {
            let around = pg_sys::MemoryContextSwitchTo(self.0);
            let result = part();
            pg_sys::MemoryContextSwitchTo(around);
            pg_sys::MemoryContextReset(self.0);
            result
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // While an error unwinds Postgres may have freed it, with the context around it.
        if !std::thread::panicking() {
            // SAFETY: made in `new`, and freed once.
            unsafe { pg_sys::MemoryContextDelete(self.0) };
        }
    }
}
