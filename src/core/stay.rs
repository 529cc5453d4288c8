//! What one stay of one user in one bucket does.
