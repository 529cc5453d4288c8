//! The server's time zones.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::ffi::{CStr, CString};

use hogsend_core::criteria::Zones;
use hogsend_core::sha256::digest;
use hogsend_core::time::{Instant, Span};
use pgrx::pg_sys;

/// The zones of the server's own database, as `AT TIME ZONE` reads them.
pub struct ServerZones;

thread_local! {
    /// The zones with a digit in their names, in lower case.
    static NUMBERED: OnceCell<Vec<String>> = const { OnceCell::new() };
    /// The zone that was asked for last. Most are asked for again.
    static LATEST: RefCell<(String, *mut pg_sys::pg_tz)> =
        const { RefCell::new((String::new(), std::ptr::null_mut())) };
    /// Names of no zone: to find out that there is none, Postgres reads folders.
    static UNKNOWN: RefCell<HashSet<String>> = RefCell::new(HashSet::new());
}

/// So many names of no zone are kept.
const MOST_UNKNOWN: usize = 1_000;

/// From 1970 to 2000, in seconds: from where `pg_time_t` counts to where timestamps do.
const BEFORE_2000: i64 = 946_684_800;

impl Zones for ServerZones {
    fn instant(&self, zone: &str, local: i64) -> Option<Instant> {
        let zone = ServerZones::named(zone)?;
        let (mut clock, mut fraction) = (pg_sys::pg_tm::default(), 0);
        // SAFETY: the zone is one of Postgres's, and what is written to is ours. What clocks show is taken apart
        // without a zone, so none is asked for. A time that comes twice is the later one, and one that does not exist
        // is read with the offset before the gap: what the function does, and whoever calls it wants.
        unsafe {
            let none = std::ptr::null_mut::<std::ffi::c_void>();
            let error = pg_sys::timestamp2tm(
                local,
                none.cast(),
                &mut clock,
                &mut fraction,
                none.cast(),
                none.cast(),
            );
            if error != 0 {
                return None;
            }
            let mut west = pg_sys::DetermineTimeZoneOffset(&mut clock, zone);
            let mut at = 0;
            let error = pg_sys::tm2timestamp(&mut clock, fraction, &mut west, &mut at);
            (error == 0).then_some(Instant(at))
        }
    }

    fn local(&self, zone: &str, at: Instant) -> Option<i64> {
        let zone = ServerZones::named(zone)?;
        let (mut clock, mut fraction, mut west) = (pg_sys::pg_tm::default(), 0, 0);
        // SAFETY: the zone is one of Postgres's, and what is written to is ours. It is told in no other words, so
        // no name of the zone is asked for.
        let error = unsafe {
            pg_sys::timestamp2tm(
                at.0,
                &mut west,
                &mut clock,
                &mut fraction,
                std::ptr::null_mut(),
                zone,
            )
        };
        let ahead = Span::SECOND.0.checked_mul(-i64::from(west))?;
        at.0.checked_add(ahead).filter(|_| error == 0)
    }

    fn next_change(&self, zone: &str, after: Instant) -> Option<Instant> {
        let zone = ServerZones::named(zone)?;
        let seconds = after.0.div_euclid(Span::SECOND.0) + BEFORE_2000;
        let (mut before, mut ahead) = (0, 0);
        let (mut summer, mut summer_then, mut at) = (0, 0, 0);
        // SAFETY: the zone is one of Postgres's, and what is written to is ours.
        let found = unsafe {
            pg_sys::pg_next_dst_boundary(
                &seconds,
                &mut before,
                &mut summer,
                &mut at,
                &mut ahead,
                &mut summer_then,
                zone,
            )
        };
        match found {
            1 => (at - BEFORE_2000).checked_mul(Span::SECOND.0).map(Instant),
            _ => Some(Instant::INFINITY),
        }
    }
}

impl ServerZones {
    /// The zone of that name, if there is one.
    fn named(zone: &str) -> Option<*mut pg_sys::pg_tz> {
        let latest = LATEST.with_borrow(|(name, latest)| (name == zone).then_some(*latest));
        if let Some(latest) = latest.filter(|latest| !latest.is_null()) {
            return Some(latest);
        }
        if zone.len() > pg_sys::TZ_STRLEN_MAX as usize
            || UNKNOWN.with_borrow(|unknown| unknown.contains(zone))
        {
            return None;
        }
        let found = ServerZones::looked_up(zone);
        match found {
            Some(found) => LATEST.set((zone.to_owned(), found)),
            None => UNKNOWN.with_borrow_mut(|unknown| {
                if unknown.len() >= MOST_UNKNOWN {
                    unknown.clear();
                }
                unknown.insert(zone.to_owned());
            }),
        }
        found
    }

    fn looked_up(zone: &str) -> Option<*mut pg_sys::pg_tz> {
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
    each(&mut |name, _| {
        if name.bytes().any(|byte| byte.is_ascii_digit()) {
            names.push(name.to_ascii_lowercase());
        }
    });
    names
}

/// For how long ahead changes of the clocks are told apart: from 2000 on, until what is beyond goes by a rule anyway.
const RULES_UNTIL: i64 = BEFORE_2000 + 40 * 365 * 86_400;

/// All rules of all zones as they lie on the disk, in a few letters: others where a newer database has other rules.
pub fn rules() -> String {
    let mut all: Vec<(String, String)> = Vec::new();
    each(&mut |name, zone| all.push((name.to_owned(), changes(zone))));
    all.sort();
    let said: Vec<String> = all.into_iter().map(|(name, rules)| name + &rules).collect();
    let digest = digest(said.join("\n").as_bytes());
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// By how much clocks are ahead, and each change of that.
fn changes(zone: *mut pg_sys::pg_tz) -> String {
    let (mut at, mut said) = (BEFORE_2000 - 30 * 365 * 86_400, String::new());
    while at < RULES_UNTIL {
        let (mut before, mut ahead, mut next) = (0, 0, 0);
        let (mut summer, mut summer_then) = (0, 0);
        // SAFETY: whoever calls this has the zone from Postgres, which keeps it; what is written to is ours.
        let found = unsafe {
            pg_sys::pg_next_dst_boundary(
                &at,
                &mut before,
                &mut summer,
                &mut next,
                &mut ahead,
                &mut summer_then,
                zone,
            )
        };
        if said.is_empty() {
            said = format!(" {before}");
        }
        if found != 1 || next <= at {
            break;
        }
        said.push_str(&format!(" {next}:{ahead}"));
        at = next;
    }
    said
}

/// Visits all zones that there are on the disk.
fn each(visit: &mut dyn FnMut(&str, *mut pg_sys::pg_tz)) {
    // SAFETY: the enumeration is begun, gone through and ended as Postgres does; each zone is valid until
    // the next is asked for, and nobody keeps it. After an error Postgres closes what it had opened.
    unsafe {
        let zones = pg_sys::pg_tzenumerate_start();
        loop {
            let zone = pg_sys::pg_tzenumerate_next(zones);
            if zone.is_null() {
                break;
            }
            let name = CStr::from_ptr(pg_sys::pg_get_timezone_name(zone));
            visit(&name.to_string_lossy(), zone);
        }
        pg_sys::pg_tzenumerate_end(zones);
    }
}
