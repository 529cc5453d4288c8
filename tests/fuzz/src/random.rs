//! The interface of the core's random generator (src/core/tests/criteria_support/random.rs), fed by
//! the fuzzer: a byte a decision, and zeros when they are used up.

pub struct Random {
    decisions: Vec<u8>,
    taken: usize,
}

impl Random {
    pub fn new(decisions: &[u8]) -> Random {
        Random {
            decisions: decisions.to_vec(),
            taken: 0,
        }
    }

    fn next(&mut self) -> Option<u8> {
        let decision = self.decisions.get(self.taken).copied();
        self.taken += 1;
        decision
    }

    /// A byte.
    pub fn bits(&mut self) -> u64 {
        self.next().unwrap_or(0).into()
    }

    /// From 0 up to but not including `end`, which is small throughout.
    pub fn below(&mut self, end: usize) -> usize {
        let mut bits = self.bits() as usize;
        if end > 256 {
            bits = bits << 8 | self.bits() as usize;
        }
        bits % end
    }

    /// Both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// True once in `n` times, and never once the decisions are used up: a tree must end.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.next()
            .is_some_and(|byte| usize::from(byte).is_multiple_of(n))
    }

    pub fn pick<'t, T: ?Sized>(&mut self, choices: &[&'t T]) -> &'t T {
        choices[self.below(choices.len())]
    }
}
