//! The server's time zones.

use std::cell::OnceCell;
use std::ffi::{CStr, CString};

use hogsend_core::criteria::Zones;
use hogsend_core::time::Instant;
use pgrx::pg_sys;

/// The zones of the server's own database, as `AT TIME ZONE` reads them.
pub struct ServerZones;

thread_local! {
    /// The zones with a digit in their names, in lower case.
    static NUMBERED: OnceCell<Vec<String>> = const { OnceCell::new() };
}

impl Zones for ServerZones {
    fn start_of_day(&self, zone: &str, year: i32, month: u8, day: u8) -> Option<Instant> {
        let zone = ServerZones::named(zone)?;
        let mut midnight = pg_sys::pg_tm {
            tm_year: year,
            tm_mon: month.into(),
            tm_mday: day.into(),
            ..Default::default()
        };
        // SAFETY: the zone is one of Postgres's. A midnight that comes twice is the later one, and one that does
        // not exist is read with the offset before the gap: what the function does, and whoever calls it wants.
        unsafe {
            let mut west = pg_sys::DetermineTimeZoneOffset(&mut midnight, zone);
            let mut at = 0;
            let error = pg_sys::tm2timestamp(&mut midnight, 0, &mut west, &mut at);
            (error == 0).then_some(Instant(at))
        }
    }

    fn day_of(&self, zone: &str, at: Instant) -> Option<i64> {
        let zone = ServerZones::named(zone)?;
        let (mut local, mut fraction, mut west) = (pg_sys::pg_tm::default(), 0, 0);
        // SAFETY: the zone is one of Postgres's, and what is written to is ours. It is told in no other words, so
        // no name of the zone is asked for.
        let day = unsafe {
            let error = pg_sys::timestamp2tm(
                at.0,
                &mut west,
                &mut local,
                &mut fraction,
                std::ptr::null_mut(),
                zone,
            );
            if error != 0 {
                return None;
            }
            pg_sys::date2j(local.tm_year, local.tm_mon, local.tm_mday)
        };
        Some(i64::from(day) - i64::from(pg_sys::POSTGRES_EPOCH_JDATE))
    }
}

impl ServerZones {
    /// The zone of that name, if there is one.
    fn named(zone: &str) -> Option<*mut pg_sys::pg_tz> {
        if !is_a_name(zone) {
            return None;
        }
        let zone = CString::new(zone).ok()?;
        // SAFETY: the name is a C string; the zone that is found belongs to Postgres and lives as long as the
        // backend.
        let zone = unsafe { pg_sys::pg_tzset(zone.as_ptr()) };
        (!zone.is_null()).then_some(zone)
    }
}

/// Whether it may be the name of a zone, and is not a rule in the style of POSIX, which Postgres makes a
/// zone of, too: "UTC+2" is two hours behind UTC, and "Europe/Berlin1" one. Such a rule has a digit in
/// it; of the names few have.
fn is_a_name(zone: &str) -> bool {
    if !zone.bytes().any(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let zone = zone.to_ascii_lowercase();
    NUMBERED.with(|numbered| numbered.get_or_init(numbered_names).contains(&zone))
}

fn numbered_names() -> Vec<String> {
    let mut names = Vec::new();
    // SAFETY: the enumeration is begun, gone through and ended as Postgres does; each zone is valid until
    // the next is asked for, and its name is copied. After an error Postgres closes what it had opened.
    unsafe {
        let zones = pg_sys::pg_tzenumerate_start();
        loop {
            let zone = pg_sys::pg_tzenumerate_next(zones);
            if zone.is_null() {
                break;
            }
            let name = CStr::from_ptr(pg_sys::pg_get_timezone_name(zone));
            let name = name.to_string_lossy().to_ascii_lowercase();
            if name.bytes().any(|byte| byte.is_ascii_digit()) {
                names.push(name);
            }
        }
        pg_sys::pg_tzenumerate_end(zones);
    }
    names
}
