//! What the load tests share; the tests themselves are in `tests/`.

pub mod checks;
pub mod memory;
pub mod sessions;
pub mod statements;

use hogsend_client_tests::server_log::LINE_PREFIX;
use hogsend_harness::Options;
use std::str::FromStr;

pub fn options() -> Options {
    Options::default().set("log_line_prefix", LINE_PREFIX)
}

/// A number that the environment may change.
pub fn number<N: FromStr>(name: &str, ordinary: N) -> N {
    let given = std::env::var(name).unwrap_or_default();
    given.parse().unwrap_or(ordinary)
}
