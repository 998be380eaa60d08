//! The packs: watchlists that come with the program.
//!
//! They are part of the binary, which is often installed alone. A pack gives
//! building blocks and the user's word counts, so an actor of the same id takes
//! the place of the pack's without a word.

use super::reading::File;
use std::path::PathBuf;

/// What stands before the name of a pack in the list of watchlists.
const SCHEME: &str = "pack:";

/// Every pack: what it is called among the watchlists, and what is in it.
const PACKS: [(&str, &str); 1] = [("pack:world", include_str!("../../config/packs/world.toml"))];

/// Whether an entry of the list of watchlists is meant to be a pack.
pub(super) fn is_meant(entry: &str) -> bool {
    entry.starts_with(SCHEME)
}

/// Every pack, as it is called among the watchlists.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PACKS.iter().map(|(name, _)| *name)
}

/// A pack as a file; none if there is no such pack.
pub(super) fn open(name: &str) -> Option<File> {
    let (name, text) = PACKS.iter().find(|(known, _)| *known == name)?;
    Some(File {
        path: PathBuf::from(name),
        text: (*text).to_owned(),
        world_readable: false,
    })
}

/// The pack that has an actor of this id.
pub(super) fn with_actor(id: &str) -> Option<&'static str> {
    let header = format!("\n[actor.{id}]\n");
    let pack = PACKS.iter().find(|(_, text)| text.contains(&header))?;
    Some(pack.0)
}
