//! What happened day by day, from days on which something did.

use super::facts::{AHEAD, Day, HISTORY};

/// One day of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moves {
    pub entered: i64,
    pub left: i64,
    pub entered_silently: i64,
    pub left_silently: i64,
}

impl Moves {
    pub fn all_entered(self) -> i64 {
        self.entered.saturating_add(self.entered_silently)
    }

    pub fn all_left(self) -> i64 {
        self.left.saturating_add(self.left_silently)
    }
}

/// The days looked back on, the earliest first and today last.
pub(super) struct Series {
    pub moves: [Moves; HISTORY],
    /// How many members there were at the end of each.
    pub size: [i64; HISTORY],
}

impl Series {
    /// From the days that had moves, and how many members there are now.
    pub fn new(days: &[Day], active: i64) -> Series {
        let mut moves = [Moves::default(); HISTORY];
        for Day(ago, entered, left, entered_silently, left_silently) in days {
            let place = usize::try_from(*ago)
                .ok()
                .and_then(|ago| HISTORY.checked_sub(ago + 1));
            if let Some(place) = place {
                moves[place] = Moves {
                    entered: *entered.max(&0),
                    left: *left.max(&0),
                    entered_silently: *entered_silently.max(&0),
                    left_silently: *left_silently.max(&0),
                };
            }
        }
        // What was erased since then is missing among the moves of its day, and nothing has fewer
        // members than none.
        let mut size = [0; HISTORY];
        let mut members = active.max(0);
        for (size, moves) in size.iter_mut().zip(moves).rev() {
            *size = members;
            members = members
                .saturating_sub(moves.all_entered())
                .saturating_add(moves.all_left())
                .max(0);
        }
        Series { moves, size }
    }

    pub fn has_moves(&self) -> bool {
        self.has_moves_within(HISTORY)
    }

    /// Whether any of the last so many days has.
    pub fn has_moves_within(&self, days: usize) -> bool {
        let latest = &self.moves[HISTORY - days..];
        latest.iter().any(|day| *day != Moves::default())
    }
}

/// What comes day by day: today first.
pub(super) fn ahead(forecast: &[i64]) -> [i64; AHEAD] {
    let mut days = [0; AHEAD];
    for (day, due) in days.iter_mut().zip(forecast) {
        *day = *due.max(&0);
    }
    days
}

pub(super) fn sum(numbers: impl IntoIterator<Item = i64>) -> i64 {
    numbers.into_iter().fold(0, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_counted_back_from_now() {
        let series = Series::new(&[Day(0, 3, 1, 0, 0), Day(2, 1, 0, 4, 0)], 10);
        assert_eq!(series.size[HISTORY - 1], 10);
        assert_eq!(series.size[HISTORY - 2], 8);
        assert_eq!(series.size[HISTORY - 3], 8);
        assert_eq!(series.size[HISTORY - 4], 3);
        assert_eq!(series.size[0], 3);
        assert!(series.has_moves());
        assert!(series.has_moves_within(1));
        assert!(!Series::new(&[Day(2, 1, 0, 0, 0)], 1).has_moves_within(2));
        assert!(Series::new(&[Day(2, 1, 0, 0, 0)], 1).has_moves_within(3));
    }

    #[test]
    fn days_that_cannot_be_are_left_out() {
        let days = [
            Day(-1, 5, 0, 0, 0),
            Day(HISTORY as i64, 5, 0, 0, 0),
            Day(i64::MAX, 5, 0, 0, 0),
            Day(1, i64::MAX, i64::MIN, i64::MAX, 0),
        ];
        let series = Series::new(&days, -4);
        assert_eq!(series.size, [0; HISTORY]);
        assert_eq!(series.moves[HISTORY - 2].all_entered(), i64::MAX);
        assert!(!Series::new(&days[..3], 7).has_moves());
    }
}
