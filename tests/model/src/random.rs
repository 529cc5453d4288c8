//! Random decisions: the same ones for the same seed on every machine, so that a failing case is found
//! again by its number; or those that a fuzzer took.

pub struct Random(Source);

enum Source {
    /// The state of SplitMix64.
    Seed(u64),
    /// A byte a decision, and how many have been taken.
    Bytes(Vec<u8>, usize),
}

impl Random {
    pub fn new(seed: u64) -> Random {
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF0;
        Random(Source::Seed(state))
    }

    /// Of the same seed always, or of the one that `HOGSEND_SEED` says.
    pub fn ordinary() -> Random {
        let seed = std::env::var("HOGSEND_SEED");
        Random::new(seed.map_or(7, |seed| seed.parse().expect("a number")))
    }

    /// The decisions of a fuzzer, and zeros when they are used up.
    pub fn of_bytes(bytes: &[u8]) -> Random {
        Random(Source::Bytes(bytes.to_vec(), 0))
    }

    /// 64 bits of a seed; a fuzzer's are eight.
    pub fn bits(&mut self) -> u64 {
        match &mut self.0 {
            Source::Seed(state) => {
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^ (z >> 31)
            }
            Source::Bytes(bytes, taken) => {
                let byte = bytes.get(*taken).copied().unwrap_or(0);
                *taken += 1;
                byte.into()
            }
        }
    }

    /// From 0 up to but not including `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let mut bits = self.bits();
        if matches!(self.0, Source::Bytes(..)) && end > 256 {
            bits = bits << 8 | self.bits();
        }
        (bits % end as u64) as usize
    }

    /// Both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// True once in `n` times; never once a fuzzer's decisions are used up, for a tree must end.
    pub fn one_in(&mut self, n: usize) -> bool {
        let is_over = matches!(&self.0, Source::Bytes(bytes, taken) if *taken >= bytes.len());
        self.below(n) == 0 && !is_over
    }

    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// Now and then nothing.
    pub fn maybe<T>(
        &mut self,
        nothing_once_in: usize,
        some: impl FnOnce(&mut Random) -> T,
    ) -> Option<T> {
        (!self.one_in(nothing_once_in)).then(|| some(self))
    }
}

/// The number of cases to run: `ordinary`, or what the environment variable says.
pub fn cases(variable: &str, ordinary: u64) -> u64 {
    match std::env::var(variable) {
        Ok(number) => number.replace('_', "").parse().expect("a number of cases"),
        Err(_) => ordinary,
    }
}
