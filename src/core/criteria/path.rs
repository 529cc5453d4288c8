//! Paths into JSON documents: the name of a top-level key, or several names and positions.

/// Where in a document a value stands. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// The top-level key.
    key: String,
    /// What follows below it.
    rest: Vec<Step>,
}

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into an object, by the name of a key.
    Key(String),
    /// Into an array, by the position of an element, from 0 on.
    Position(u32),
}

impl Path {
    /// The path of a top-level key.
    pub fn of_key(key: impl Into<String>) -> Path {
        Path {
            key: key.into(),
            rest: Vec::new(),
        }
    }

    /// The path that goes on from there.
    #[must_use]
    pub fn then(mut self, step: Step) -> Path {
        self.rest.push(step);
        self
    }

    /// The top-level key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The steps below the top-level key; none for the key itself.
    pub fn rest(&self) -> &[Step] {
        &self.rest
    }
}
