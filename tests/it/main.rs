//! One integration binary: the layers, and the real binary end to end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::missing_docs_in_private_items,
    clippy::allow_attributes,
    reason = "a test that meets what it does not expect is to fail"
)]

mod chats;
mod commands;
mod deciding;
mod delivery;
mod detection;
mod edits;
mod endpoints;
mod faults;
mod files;
mod fuzz;
mod layers;
mod lints;
mod nothing_missed;
mod operators;
mod pages;
mod politeness;
mod polling;
mod receivers;
mod routing;
mod secrets;
mod signatures;
mod sinks;
mod snapshots;
mod ssrf;
mod subscriptions;
mod support;
mod unit;
mod websub;
mod world;
