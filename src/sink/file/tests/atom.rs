//! The feed.
