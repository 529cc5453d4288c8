//! What a server never says while hogsend is sound.

/// In a line of the log; internal errors by their SQLSTATE.
const ALARMS: [&str; 8] = [
    // An assertion of the server's, where it was built with them.
    "TRAP: ",
    " XX00",
    "PANIC:",
    // Of references to relations, buffers, plans, cached rows, files …
    " leak: ",
    "still active",
    "still referenced",
    "was not closed",
    "corrupt",
];

/// Lines that say more of the one before, such as a statement, which may say anything.
const FOLLOWING: [&str; 4] = ["DETAIL:", "HINT:", "CONTEXT:", "STATEMENT:"];

/// For `log_line_prefix`: with the SQLSTATE of every message.
pub const LINE_PREFIX: &str = "%m [%p] %d %e ";

/// The lines that somebody has to look into.
pub fn alarms(log: &str) -> Vec<&str> {
    log.lines()
        .filter(|line| !FOLLOWING.iter().any(|word| line.contains(word)))
        .filter(|line| ALARMS.iter().any(|alarm| line.contains(alarm)) || tells_of_crash(line))
        .collect()
}

/// Of a process that died by itself: 9 is the signal that tests send.
fn tells_of_crash(line: &str) -> bool {
    line.split_once("was terminated by signal ")
        .is_some_and(|(_, signal)| !signal.starts_with("9:"))
}
