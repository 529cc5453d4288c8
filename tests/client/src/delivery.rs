//! Consumers in a world of trouble: their workers, what they do, and what must be true of it.

pub mod checks;
pub mod consumers;
pub mod world;
