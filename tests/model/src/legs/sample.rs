//! A share of all users: whose number, out of a hash, is in a range of percent.

use super::Meaning;
use crate::facts::{Facts, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::world::World;
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub salt: &'static str,
    /// In tenths of a percent.
    pub from: u32,
    pub to: u32,
}

impl Sample {
    pub fn random(random: &mut Random, _: &World) -> Sample {
        let from = random.below(1000) as u32;
        let salt = random.pick(&["", "holdout", "\"é\""]);
        let to = match random.below(3) {
            0 => 1000,
            _ => from + 1 + random.below(1000 - from as usize) as u32,
        };
        let from = if random.one_in(3) { 0 } else { from };
        Sample { salt, from, to }
    }
}

impl Meaning for Sample {
    fn holds(&self, seen: &Seen, _: i64) -> bool {
        let digest = sha256(format!("{}\0{}", self.salt, seen.user).as_bytes());
        let number = u128::from(digest[0]) << 32 | u128::from(digest[1]);
        // number / 2^64 against tenths of a percent / 1000.
        let is_below = |tenths: u32| number * 1000 < u128::from(tenths) << 64;
        !is_below(self.from) && is_below(self.to)
    }

    fn changes(&self, _: &Facts, _: &mut dyn FnMut(i128)) {}

    fn only_denies(&self, _: bool) -> bool {
        false
    }

    fn fields(&self, random: &mut Random) -> Fields {
        let percent = |random: &mut Random, tenths: u32| match random.below(3) {
            0 => format!("{}.{}0", tenths / 10, tenths % 10),
            1 => format!("{tenths}e-1"),
            _ if tenths.is_multiple_of(10) => (tenths / 10).to_string(),
            _ => format!("{}.{}", tenths / 10, tenths % 10),
        };
        vec![
            ("type", json::text("sample")),
            ("salt", json::text(self.salt)),
            ("from", percent(random, self.from)),
            ("to", percent(random, self.to)),
        ]
    }
}

/// Digits of the roots of the first primes: how it begins, and what goes into each round.
static CONSTANTS: LazyLock<(Vec<u32>, Vec<u32>)> = LazyLock::new(|| {
    let is_prime = |n: &u128| (2..*n).all(|divisor| !n.is_multiple_of(divisor));
    let primes: Vec<u128> = (2..312).filter(is_prime).collect();
    assert_eq!(primes.len(), 64);
    // The fractional digits of the root of that power.
    let root = |prime: u128, power: u32| {
        let (mut low, mut high) = (0u128, 1 << 36);
        while high - low > 1 {
            let middle = (low + high) / 2;
            // middle^power <= prime * 2^(32 * power), divided by what would overflow.
            let is_below = match power {
                2 => middle * middle <= prime << 64,
                _ => middle * middle <= (prime << 96) / middle,
            };
            if is_below {
                low = middle
            } else {
                high = middle
            }
        }
        low as u32
    };
    let square = primes[..8].iter().map(|p| root(*p, 2)).collect();
    (square, primes.iter().map(|p| root(*p, 3)).collect())
});

/// As the standard has it.
pub fn sha256(text: &[u8]) -> [u32; 8] {
    let (mut state, constants) = CONSTANTS.clone();
    let mut padded = text.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((text.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let bytes = block.chunks(4);
        let mut w: Vec<u32> = bytes
            .map(|four| u32::from_be_bytes(four.try_into().expect("four bytes")))
            .collect();
        for t in 16..64 {
            let (a, b) = (w[t - 15], w[t - 2]);
            let a = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let b = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            let terms = [w[t - 16], a, w[t - 7], b];
            w.push(terms.into_iter().fold(0, u32::wrapping_add));
        }
        let mut v = state.clone();
        for t in 0..64 {
            let (a, b, c, e, f, g) = (v[0], v[1], v[2], v[4], v[5], v[6]);
            let s = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let terms = [v[7], s, (e & f) ^ (!e & g), constants[t], w[t]];
            let first = terms.into_iter().fold(0, u32::wrapping_add);
            let s = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let second = s.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(first);
            v[0] = first.wrapping_add(second);
        }
        for (old, new) in state.iter_mut().zip(v) {
            *old = old.wrapping_add(new);
        }
    }
    state.try_into().expect("eight words")
}
