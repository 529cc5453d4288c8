//! What is handed out. The order is from what takes no time to what installs a Debian.

mod deb;
mod image;
mod installed;
mod pgxn;
mod versions;
