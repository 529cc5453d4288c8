//! The language of criteria, written down a second time and as plainly as possible. Everything that is
//! stored of a user is a list, every occurrence is looked at, and a flip is found by trying each instant
//! at which one could be. The tests of the core, the histories on a real server and the clients' tests
//! hold hogsend against this; nothing of hogsend is used, and speed is no aim.
//!
//! Apart from that, [`diary`] has the runs of journeys, in the same spirit.
//!
//! A document is made at random out of a [`World`] and written as JSON in one of the ways in which it can
//! be written. What it means is said leg by leg in [`legs`]: a new one is one file there and one line in
//! its table.

pub mod dates;
pub mod diary;
pub mod facts;
pub mod filter;
pub mod json;
pub mod legs;
pub mod node;
pub mod random;
pub mod value;
pub mod world;
pub mod zones;

pub use diary::Diary;
pub use facts::{
    CALENDAR_END, Document, Facts, INFINITY, MINUS_INFINITY, Membership, Occurrence, Properties,
    Seen,
};
pub use legs::{Leg, Meaning};
pub use node::{Node, Operator};
pub use random::Random;
pub use value::{Number, Value};
pub use world::{Grid, World};
pub use zones::Zone;
