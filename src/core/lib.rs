//! What hogsend means, without a database.
//!
//! Everything that decides *who belongs where and when* is in this crate, and nothing in it knows
//! Postgres: it compiles without the server's headers and is tested by the million. The extension
//! around it only fetches facts and writes down decisions.
//!
//! * [`time`]: instants and spans as Postgres stores them.
//! * [`iso`]: instants as text that means the same everywhere.
//! * [`decimal`]: exact decimal numbers, so that no digit of a user's number is lost.
//! * [`criteria`]: the language of segments: parse, validate, truth and flips.
//! * [`stay`]: what one stay of one user in one bucket does: join, leave, dwell, timers.
//! * [`run`]: where a user is in a journey: begin, wait, go on, end.
//! * [`outlook`]: what the clock will do about it if no new data comes.
//! * [`sha256`]: the hash by which samples are drawn.
//! * [`report`]: all of it as a page for people.

pub mod criteria;
pub mod decimal;
pub mod iso;
pub mod outlook;
pub mod report;
pub mod run;
pub mod sha256;
pub mod stay;
pub mod time;
