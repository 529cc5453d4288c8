//! A document as whoever keeps it hands it out again.
//!
//! Its lists may be long, and to write them as JSON and to read that takes longer than all the rest. Where they are kept
//! in a form of their own they are read from there, and the text has an empty array in the place of each.

use super::list::List;

/// The text of a document, and the lists that were taken out of it.
#[derive(Debug, Default)]
pub struct Stored {
    text: String,
    /// With the place in the text where the array of each would begin, ascending.
    lists: Vec<(usize, Option<List>)>,
}

impl Stored {
    /// A document of which nothing is taken out.
    pub fn whole(text: String) -> Stored {
        Stored {
            text,
            lists: Vec::new(),
        }
    }

    /// Writes on.
    pub fn push_str(&mut self, json: &str) {
        self.text.push_str(json);
    }

    /// Writes what stands for a list.
    pub fn push_list(&mut self, list: List) {
        self.lists.push((self.text.len(), Some(list)));
        self.text.push_str("[]");
    }

    /// Whether nothing was taken out.
    pub fn is_whole(&self) -> bool {
        self.lists.is_empty()
    }

    pub(super) fn into_parts(self) -> (String, Vec<(usize, Option<List>)>) {
        (self.text, self.lists)
    }
}
