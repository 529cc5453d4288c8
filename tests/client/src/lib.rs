//! What the client tests share. The tests themselves are in `tests/`.
