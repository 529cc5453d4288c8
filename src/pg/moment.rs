//! Whether anything has become visible since a moment: what was read then need not be read again.
//!
//! Two snapshots show the same but for what was committed by transactions that are seen to have ended
//! by the second and not by the first, and for what this session has written itself. Of the former the
//! snapshots tell, whoever they were and whatever they did; of the latter the number of the command,
//! which grows with every one that writes.

use pgrx::pg_sys;

use crate::pg::direct::Latest;

/// What was to be seen, as a snapshot has it.
#[derive(Default)]
pub struct Moment {
    /// All transactions before that one had ended, but for those.
    next: u32,
    at_work: Vec<u32>,
}

/// Among how many transactions those are looked for that have ended.
const MOST: u32 = 256;

/// Lower numbers stand for no transaction.
const FIRST_OF_ALL: u32 = 3;

impl Moment {
    pub fn of(latest: &Latest) -> Moment {
        // SAFETY: the snapshot is registered, and its array has so many entries.
        unsafe {
            let snapshot = &*latest.snapshot();
            let at_work = match snapshot.xcnt {
                0 => Vec::new(),
                count => std::slice::from_raw_parts(snapshot.xip, count as usize)
                    .iter()
                    .map(|xid| u32::from(*xid))
                    .collect(),
            };
            Moment {
                next: u32::from(snapshot.xmax),
                at_work,
            }
        }
    }

    /// Whether nobody's work has become visible since, but for that of transactions which are known to
    /// have done nothing of interest, and of the present one.
    pub fn is_still(&self, latest: &Latest, harmless: &[u32]) -> bool {
        // SAFETY: the snapshot is registered.
        let next = u32::from(unsafe { (*latest.snapshot()).xmax });
        let begun = next.wrapping_sub(self.next);
        if begun as usize + self.at_work.len() > MOST as usize {
            return false;
        }
        let begun = (0..begun).map(|n| self.next.wrapping_add(n));
        let mut others = self.at_work.iter().copied().chain(begun);
        others.all(|number| {
            let xid = pg_sys::TransactionId::from(number);
            // SAFETY: the snapshot is registered, and of the kind that knows who was at work; whether a
            // transaction is ours may be asked within one.
            unsafe {
                number < FIRST_OF_ALL
                    || harmless.contains(&number)
                    || pg_sys::TransactionIdIsCurrentTransactionId(xid)
                    || pg_sys::XidInMVCCSnapshot(xid, latest.snapshot())
            }
        })
    }
}

/// Which transactions had ended at a moment, for whoever asks when its snapshot is gone.
pub struct Ended {
    /// Those from this one on are taken not to have, because that is not known of all of them: our own
    /// that took the snapshot goes on.
    before: u32,
    /// All before this one had.
    oldest: u32,
    at_work: Vec<u32>,
}

impl Ended {
    /// `None` where so much was going on that the snapshot itself does not know.
    pub fn at(latest: &Latest) -> Option<Ended> {
        // SAFETY: the snapshot is registered, and its arrays have so many entries, or none.
        unsafe {
            let snapshot = &*latest.snapshot();
            if snapshot.suboverflowed {
                return None;
            }
            let entries = |first: *mut pg_sys::TransactionId, count: usize| match count {
                0 => &[],
                count => std::slice::from_raw_parts(first, count),
            };
            let single = entries(snapshot.xip, snapshot.xcnt as usize);
            let parts = entries(snapshot.subxip, snapshot.subxcnt.max(0) as usize);
            let mut at_work: Vec<u32> = single
                .iter()
                .chain(parts)
                .map(|xid| u32::from(*xid))
                .collect();
            at_work.sort_unstable();
            let own = u32::from(pg_sys::GetTopTransactionIdIfAny());
            let next = u32::from(snapshot.xmax);
            let is_earlier = own >= FIRST_OF_ALL && precedes(own, next);
            Some(Ended {
                before: if is_earlier { own } else { next },
                oldest: u32::from(snapshot.xmin),
                at_work,
            })
        }
    }

    /// Whether a transaction, or a part of one, that has ended by now had ended by then.
    pub fn has(&self, xid: pg_sys::TransactionId) -> bool {
        let xid = u32::from(xid);
        xid < FIRST_OF_ALL
            || precedes(xid, self.before) && self.at_work.binary_search(&xid).is_err()
    }

    /// Whether a transaction's number is before that of every one that had not ended by then.
    pub fn has_with_all_before(&self, xid: pg_sys::TransactionId) -> bool {
        let xid = u32::from(xid);
        xid >= FIRST_OF_ALL && precedes(xid, self.oldest) && precedes(xid, self.before)
    }
}

/// Whether a transaction's number was given out before another's. The numbers go round.
fn precedes(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) < 0
}

/// The number of the present command, once what has been written by now is counted.
pub fn commands() -> u32 {
    // SAFETY: called inside a transaction, outside of parallel workers, which write nothing.
    unsafe { pg_sys::CommandCounterIncrement() };
    commands_counted()
}

/// The same, without what the present command itself may have written.
pub fn commands_counted() -> u32 {
    // SAFETY: called inside a transaction; nothing is marked.
    unsafe { pg_sys::GetCurrentCommandId(false) }
}

/// The command by which the statement runs whose trigger this is: whatever it writes is of that command, or a later
/// one. Zero where that is not known.
pub fn statement_command() -> u32 {
    // SAFETY: called inside a transaction. A trigger is called while its statement's snapshot is the active one.
    unsafe {
        match pg_sys::ActiveSnapshotSet() {
            true => (*pg_sys::GetActiveSnapshot()).curcid,
            false => 0,
        }
    }
}

/// The number of the present transaction, which gets one here if it has none yet and is about to write.
pub fn own_transaction(writes: bool) -> u32 {
    // SAFETY: called inside a transaction that may write.
    u32::from(unsafe {
        match writes {
            true => pg_sys::GetTopTransactionId(),
            false => pg_sys::GetTopTransactionIdIfAny(),
        }
    })
}

/// The numbers of the present transaction, which is about to end, and of its parts; none, if it has written
/// nothing.
pub fn own_transactions() -> Vec<u32> {
    // SAFETY: reads what this backend knows of its transaction, which is in no subtransaction any more. The
    // array has so many entries, or is null if it has none.
    unsafe {
        let mut parts = std::ptr::null_mut();
        let count = pg_sys::xactGetCommittedChildren(&mut parts);
        let parts = match count {
            0 => &[],
            count => std::slice::from_raw_parts(parts, count as usize),
        };
        let own = pg_sys::GetTopTransactionIdIfAny();
        let own = Some(own).filter(|xid| *xid != pg_sys::InvalidTransactionId);
        own.iter().chain(parts).map(|xid| u32::from(*xid)).collect()
    }
}
