//! Packages and the image as somebody gets them: in a Debian that has nothing else, where they are installed,
//! used, upgraded and removed.

pub mod dockerfile;
pub mod pages;
pub mod root;
pub mod sources;
mod workshop;

pub use root::Root;
