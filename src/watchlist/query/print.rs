//! A query to text.
