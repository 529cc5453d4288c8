//! How much memory a process has, as the kernel tells.

use std::fs;

/// In kB, one of the lines of /proc/<pid>/status: RssAnon is what it has of its own, VmHWM the most
/// it ever had, with the pages of shared memory that it touched. None once the process is gone.
pub fn memory_of(pid: i32, key: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
