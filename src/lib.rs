//! wirewatch polls news feeds, flags articles about tracked topics and actors,
//! and tells people: durably, once, and with the passages that say why.
//!
//! This page is the map of the house. Data flows one way:
//!
//! ```text
//! config ──► watchlist ──► matcher (compiled)
//!                             │
//! feed bytes ─► Feed, Entry ─► Article ─► Matches ─► Alert ─► Plan ─► one commit ─► Delivery ─► sink
//!    ▲                                                                   │                       │
//!  scheduler ◄───────────── next poll, with its reason ◄─────────────────┘   next attempt, with its reason
//! ```
//!
//! # Rooms
//!
//! **Core**: values in, values out; no clock, no I/O, no logging, no async.
//! [`text`] normalises and tokenises; [`feed`] reads feeds of every format;
//! [`watchlist`] holds actors, topics and the query language; [`article`] is what
//! is matched; [`matcher`] finds topics and actors, with evidence; [`alert`] is
//! what we tell; [`policy`] decides in time: when to poll, whether to retry,
//! where an alert goes.
//!
//! **Edges**, one outside world each, behind the feature `daemon`:
//! `config` reads files and environment and reports every mistake at its place;
//! `fetch` is the one guarded HTTP client; `store` holds all SQL; `sink` is one
//! file a kind of target.
//!
//! **Application**: `scheduler` polls, `push` is told by hubs, `notifier`
//! delivers, `status` tells over HTTP how it goes, by `metrics`; `daemon` assembles them, `cli` is one file a command.
//!
//! # Invariants
//!
//! - Imports point one way; `tests/it/layers.rs` holds the table.
//! - Nothing in the core reads a clock, opens a socket or rolls dice: time and
//!   chance are arguments.
//! - What decides returns a value with its reason; what acts does not decide.
//! - The database is the queue: no channel carries work between stages.
//! - What one poll found commits in one transaction: entries seen, articles,
//!   alerts, deliveries, the feed's validators and its next poll.

#[macro_use]
mod name;
mod work;

pub mod alert;
pub mod article;
pub mod feed;
pub mod matcher;
pub mod policy;
pub mod text;
pub mod watchlist;

#[cfg(feature = "daemon")]
pub mod cli;
#[cfg(feature = "daemon")]
pub mod config;
#[cfg(feature = "daemon")]
pub mod daemon;
#[cfg(feature = "daemon")]
pub mod fetch;
#[cfg(feature = "daemon")]
pub mod metrics;
#[cfg(feature = "daemon")]
pub mod notifier;
#[cfg(feature = "daemon")]
pub mod push;
#[cfg(feature = "daemon")]
pub mod scheduler;
#[cfg(feature = "daemon")]
pub mod sink;
#[cfg(feature = "daemon")]
pub mod status;
#[cfg(feature = "daemon")]
pub mod store;
#[cfg(feature = "daemon")]
pub mod template;
