//! What a case is made of. Worlds are small, so that cases are full of coincidences: names and values are
//! few, and instants and the ends of windows stand on one grid or a microsecond beside it.

use crate::dates;
use crate::facts::{INFINITY, MINUS_INFINITY, Properties};
use crate::random::Random;
use crate::value::Value;
use crate::zones;

#[derive(Clone, Debug)]
pub struct World {
    pub events: &'static [&'static str],
    pub properties: &'static [&'static str],
    /// Ids of buckets that criteria may name.
    pub buckets: &'static [&'static str],
    pub numbers: &'static [&'static str],
    pub texts: &'static [&'static str],
    /// Now and then something happened at no instant at all.
    pub infinities: bool,
    /// Events say something of themselves, and criteria ask for that, for ranges with two ends, for the
    /// first and the last one, and for several names at once.
    pub is_rich: bool,
    /// Criteria measure, compare and look for several things in order, which the model works out from all pairs of
    /// events at every instant: not for users who did very much.
    pub measures: bool,
    /// Properties that say when something is.
    pub dates: &'static [&'static str],
    /// Properties that name a zone.
    pub zone_names: &'static [&'static str],
    /// The zones that there are, besides that of Greenwich.
    pub zones: &'static [&'static str],
    pub grid: Grid,
}

/// The scale on which a case plays, in microseconds.
#[derive(Clone, Debug)]
pub struct Grid {
    pub origin: i64,
    pub step: i64,
    /// The first and the last step at which anything happens.
    pub times: (i64, i64),
    /// The longest window, in steps.
    pub windows: i64,
}

impl World {
    /// One that strains what can be written: odd names, many spellings, and any scale, from
    /// microseconds to days, at the beginning of the calendar, in its middle or at its end.
    pub fn any(random: &mut Random) -> World {
        World {
            events: &["app.opened", "paid", "ünïcode \"quoted\"", "mail.sent"],
            properties: &["plan", "score", "tags", "a\\b"],
            buckets: &["vip", "list-1", "Ünïcode.b"],
            numbers: &[
                "0",
                "0.00",
                "0e-2",
                "0.000E-02",
                "-1",
                "-1.00",
                "-100e-2",
                "-100.000E-02",
                "1",
                "1.00",
                "100e-2",
                "100.000E-02",
                "1.50",
                "150e-2",
                "150.000E-02",
                "10",
                "10.00",
                "1000e-2",
                "1e1",
                "0.99",
                "99e-2",
                "99.000E-02",
            ],
            texts: &[
                "", "pro", "trial", "proton", "1", "true", "é\n", "PRO", "Trial", "É\n",
            ],
            infinities: true,
            is_rich: true,
            measures: true,
            dates: &["born"],
            zone_names: &["zone"],
            zones: &zones::ODD,
            grid: Grid::any(random),
        }
    }

    /// When something happened.
    pub fn occurred_at(&self, random: &mut Random) -> i64 {
        match self.infinities.then(|| random.below(60)) {
            Some(0) => INFINITY,
            Some(1) => MINUS_INFINITY,
            _ => self.grid.instant(random),
        }
    }

    /// What names a zone, mostly.
    fn zone(&self, random: &mut Random) -> Value {
        match random.below(6) {
            0 => Value::any(random, self),
            1 => Value::Text(random.pick(&["UTC", "Nowhere/At all"])),
            _ if self.zones.is_empty() => Value::Text("UTC"),
            _ => Value::Text(random.pick(self.zones)),
        }
    }

    pub fn contact(&self, random: &mut Random) -> Properties {
        let mut properties = Properties::new();
        for name in self.properties {
            if let Some(value) = random.maybe(4, |random| Value::any(random, self)) {
                properties.insert((*name).into(), value);
            }
        }
        for name in self.dates {
            if let Some(value) = random.maybe(8, |random| dates::value(random, self)) {
                properties.insert((*name).into(), value);
            }
        }
        for name in self.zone_names {
            if let Some(value) = random.maybe(4, |random| self.zone(random)) {
                properties.insert((*name).into(), value);
            }
        }
        properties
    }
}

impl Grid {
    pub fn any(random: &mut Random) -> Grid {
        let step = random.pick(&[1, 10, 1_000_000, 3_600_000_000, 86_400_000_000]);
        let origin = match random.below(40) {
            0 => crate::CALENDAR_END - 12 * step,
            1 => -211_813_488_000_000_000,
            2 => 0,
            _ => 800_000_000_000_000,
        };
        Grid {
            origin,
            step,
            times: (0, 12),
            windows: 6,
        }
    }

    pub fn instant(&self, random: &mut Random) -> i64 {
        self.origin + random.between(self.times.0, self.times.1) * self.step + beside(random)
    }

    pub fn window(&self, random: &mut Random) -> i64 {
        (random.between(1, self.windows) * self.step + beside(random)).max(1)
    }
}

/// Mostly on the grid, sometimes one microsecond off.
fn beside(random: &mut Random) -> i64 {
    random.pick(&[1, -1, 0, 0, 0, 0])
}
