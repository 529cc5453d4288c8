//! The writers agree: random histories are played on a real server, through SQL as users write it,
//! and after every step what is stored is compared with what a naive model says.

pub mod compare;
pub mod database;
mod disguise;
pub mod generate;
pub mod history;
pub mod instant;
pub mod journeys;
pub mod model;
pub mod play;
pub mod run;
mod totals;
