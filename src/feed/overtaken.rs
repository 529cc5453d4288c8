//! Statements that others have overtaken.
//!
//! A trigger of the user's that fires for each row may write to the same table again. That statement ends,
//! and is mirrored, before the one that fired it; whose rows are older by then, and would be written over
//! newer ones. So whoever is mirrored after a statement inside reads the rows again, as they are.

use std::cell::RefCell;

use crate::store::own::trigger_depth;

thread_local! {
    /// Feeds for which a statement inside another one was mirrored, and how deep inside. What is left of
    /// statements that failed makes somebody read again for nothing.
    static INNER: RefCell<Vec<(String, i32)>> = const { RefCell::new(Vec::new()) };
}

/// Takes down that a statement is mirrored; true if one inside it may have been before.
pub fn is_overtaken(feed: &str) -> bool {
    let depth = trigger_depth();
    INNER.with_borrow_mut(|inner| {
        let all = inner.len();
        inner.retain(|(name, deeper)| name != feed || *deeper <= depth);
        let is_overtaken = inner.len() < all;
        if depth > 1
            && !inner
                .iter()
                .any(|(name, other)| name == feed && *other == depth)
        {
            inner.push((feed.to_owned(), depth));
        }
        is_overtaken
    })
}
