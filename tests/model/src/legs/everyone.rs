//! Everyone there is.

use super::Meaning;
use crate::facts::{Facts, Seen};
use crate::json::{self, Fields};
use crate::random::Random;
use crate::world::World;

#[derive(Clone, Debug, PartialEq)]
pub struct Everyone;

impl Everyone {
    pub fn random(_: &mut Random, _: &World) -> Everyone {
        Everyone
    }
}

impl Meaning for Everyone {
    fn holds(&self, _: &Seen, _: i64) -> bool {
        true
    }

    fn changes(&self, _: &Facts, _: &mut dyn FnMut(i128)) {}

    fn only_denies(&self, _: bool) -> bool {
        false
    }

    fn fields(&self, _: &mut Random) -> Fields {
        vec![("type", json::text("everyone"))]
    }
}
