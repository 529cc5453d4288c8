//! The server's time zones.

use std::ffi::CString;

use hogsend_core::criteria::Zones;
use hogsend_core::time::Instant;
use pgrx::pg_sys;

/// The zones of the server's own database, as `AT TIME ZONE` reads them.
pub struct ServerZones;

impl Zones for ServerZones {
    fn start_of_day(&self, zone: &str, year: i32, month: u8, day: u8) -> Option<Instant> {
        let zone = CString::new(zone).ok()?;
        let mut midnight = pg_sys::pg_tm {
            tm_year: year,
            tm_mon: month.into(),
            tm_mday: day.into(),
            ..Default::default()
        };
        // SAFETY: the name is a C string; the zone that is found belongs to Postgres and lives as long
        // as the backend. A midnight that comes twice is the later one, and one that does not exist is
        // read with the offset before the gap: what the function does, and whoever calls it wants.
        unsafe {
            let zone = pg_sys::pg_tzset(zone.as_ptr());
            if zone.is_null() {
                return None;
            }
            let mut west = pg_sys::DetermineTimeZoneOffset(&mut midnight, zone);
            let mut at = 0;
            let error = pg_sys::tm2timestamp(&mut midnight, 0, &mut west, &mut at);
            (error == 0).then_some(Instant(at))
        }
    }
}
