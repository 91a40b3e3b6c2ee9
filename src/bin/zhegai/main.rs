//! The terminal front of zhegai.

fn main() {}
