//! What the fuzz targets share.

pub mod document;

use std::sync::LazyLock;

/// Whether a bug is to be planted, so that the runner can see that it would be found.
pub fn planted() -> bool {
    static PLANTED: LazyLock<bool> =
        LazyLock::new(|| std::env::var_os("HOGSEND_FUZZ_PLANTED").is_some());
    *PLANTED
}
