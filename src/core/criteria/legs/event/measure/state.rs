//! What a range holds, as it changes.

use super::{Comparison, Measure};
use crate::criteria::measured::Taken;
use crate::criteria::total::Total;
use crate::criteria::value::Scalar;
use crate::decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// What was taken of the occurrences that are inside.
pub(in crate::criteria::legs) enum State<'f> {
    /// How many occurrences there are.
    Counted(u64),
    /// Their sum, and how many they are.
    Sum {
        sum: Sum,
        count: u64,
        is_average: bool,
    },
    /// Each number, and how often it is there.
    Ordered {
        numbers: BTreeMap<&'f Decimal, usize>,
        is_least: bool,
    },
    /// What is kept of all of them: the measure, of how many, and by what it is still to be divided.
    Kept {
        number: Option<Decimal>,
        count: u64,
        divisor: u64,
    },
    /// Each scalar, and how often it is there.
    Different(HashMap<&'f Scalar, usize>),
}

/// Numbers with up to so many digits after the point, and before it, are added as whole numbers: nearly all are.
const PLACES: u8 = 9;
const MOST_SHORT: i128 = 10_i128.pow(27);

/// An exact sum.
#[derive(Default)]
pub(in crate::criteria::legs) struct Sum {
    /// That of short numbers, times ten to the power of [`PLACES`]. So many as would be too many are never stored.
    short: i128,
    /// That of the others.
    long: Option<Decimal>,
}

impl Sum {
    fn add(&mut self, number: &Decimal) {
        match number.to_exact(PLACES) {
            Some(short) if short.abs() < MOST_SHORT => {
                self.short = self.short.saturating_add(short);
            }
            _ => {
                let long = self.long.take().unwrap_or_else(Decimal::zero);
                self.long = Some(long.plus(number));
            }
        }
    }

    fn take(&mut self, number: &Decimal) {
        self.add(&number.negated());
    }

    /// As a number.
    pub fn number(&self) -> Decimal {
        let short = Decimal::of_exact(self.short, PLACES);
        match &self.long {
            None => short,
            Some(long) => long.plus(&short),
        }
    }
}

impl<'f> State<'f> {
    pub fn of(measure: Measure) -> State<'f> {
        match measure {
            Measure::Sum | Measure::Avg => State::Sum {
                sum: Sum::default(),
                count: 0,
                is_average: measure == Measure::Avg,
            },
            Measure::Min | Measure::Max => State::Ordered {
                numbers: BTreeMap::new(),
                is_least: measure == Measure::Min,
            },
            Measure::Distinct => State::Different(HashMap::new()),
            Measure::Count => State::Counted(0),
        }
    }

    /// The same, once all of them are inside: none enters or leaves.
    pub fn of_total(measure: Measure, total: &Total) -> State<'f> {
        let ends = total.ends.as_ref();
        let number = match measure {
            Measure::Sum => Some(total.sum.clone()),
            Measure::Avg => Some(total.sum.clone()).filter(|_| total.count > 0),
            Measure::Min => ends.map(|(least, _)| least.clone()),
            Measure::Max => ends.map(|(_, most)| most.clone()),
            Measure::Count | Measure::Distinct => Some(Decimal::whole(total.count)),
        };
        State::Kept {
            number,
            count: total.count,
            divisor: match measure {
                Measure::Avg => total.count,
                _ => 1,
            },
        }
    }

    /// Adds what was taken of some occurrences.
    pub fn add(&mut self, values: &'f [Taken], places: Range<usize>) {
        if let State::Counted(count) = self {
            *count += places.len() as u64;
            return;
        }
        for value in some(values, places) {
            match (&mut *self, value) {
                (State::Sum { sum, count, .. }, Scalar::Number(number)) => {
                    sum.add(number);
                    *count += 1;
                }
                (State::Ordered { numbers, .. }, Scalar::Number(number)) => {
                    *numbers.entry(number).or_default() += 1;
                }
                (State::Different(scalars), scalar) => *scalars.entry(scalar).or_default() += 1,
                _ => {}
            }
        }
    }

    /// Takes away what was added.
    pub fn take(&mut self, values: &'f [Taken], places: Range<usize>) {
        if let State::Counted(count) = self {
            *count = count.saturating_sub(places.len() as u64);
            return;
        }
        for value in some(values, places) {
            match (&mut *self, value) {
                (State::Sum { sum, count, .. }, Scalar::Number(number)) => {
                    sum.take(number);
                    *count = count.saturating_sub(1);
                }
                (State::Ordered { numbers, .. }, Scalar::Number(number)) => {
                    if let Some(times) = numbers.get_mut(number) {
                        *times -= 1;
                        if *times == 0 {
                            numbers.remove(number);
                        }
                    }
                }
                (State::Different(scalars), scalar) => {
                    if let Some(times) = scalars.get_mut(scalar) {
                        *times -= 1;
                        if *times == 0 {
                            scalars.remove(scalar);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// How many numbers, or different scalars, there are.
    pub fn count(&self) -> u64 {
        match self {
            State::Counted(count) | State::Sum { count, .. } | State::Kept { count, .. } => *count,
            State::Ordered { numbers, .. } => numbers.values().sum::<usize>() as u64,
            State::Different(scalars) => scalars.len() as u64,
        }
    }

    /// The measure, of what has one; of an average the sum of which it is the average.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            State::Sum {
                count: 0,
                is_average: true,
                ..
            } => None,
            State::Sum { sum, .. } => Some(sum.number()),
            State::Ordered { numbers, is_least } => {
                let mut all = numbers.keys();
                let found = if *is_least {
                    all.next()
                } else {
                    all.next_back()
                };
                found.map(|number| (*number).clone())
            }
            State::Kept { number, .. } => number.clone(),
            State::Different(scalars) => Some(Decimal::whole(scalars.len() as u64)),
            State::Counted(count) => Some(Decimal::whole(*count)),
        }
    }

    /// By what [`State::number`] is still to be divided.
    pub fn divisor(&self) -> u64 {
        match self {
            State::Sum {
                count,
                is_average: true,
                ..
            } => *count,
            State::Kept { divisor, .. } => *divisor,
            _ => 1,
        }
    }

    /// Whether the measure is as is asked. What has none is not.
    pub fn compares(&self, operator: Comparison, value: &Decimal) -> bool {
        self.number().is_some_and(|number| {
            // Nothing is divided: an average that is as much is a sum that is as often as much.
            operator.holds(&number, &value.times(self.divisor()))
        })
    }
}

fn some(values: &[Taken], places: Range<usize>) -> impl Iterator<Item = &Scalar> {
    let places = places.start..places.end.min(values.len());
    values.get(places).unwrap_or_default().iter().flatten()
}
