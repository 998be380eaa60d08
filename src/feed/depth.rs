//! A limit to how deep a document may make the parser recurse.
//!
//! `feed_rs` calls itself for every `media:group` or `itunes:category` inside
//! another one. A stack
//! that overflows ends the whole daemon: unlike a panic it cannot be caught.
//! Counting tags beforehand does not help, because an encoding can hide what
//! is a tag and what is not. But the parser reads while it descends, so that
//! the reader sees how far the stack has grown.

use std::io::{self, Read};

/// How far the stack may grow, in bytes. Sound feeds need a tenth of it, and
/// threads have eight times as much.
const STACK_BYTES_MAX: usize = 256 * 1024;

/// How much is read between two looks at the stack, in bytes: too little for
/// enough elements to overflow it.
const CHUNK_BYTES: usize = 512;

/// Hands out a document in small pieces, and refuses to when the stack has
/// grown too far since it was made.
#[derive(Debug)]
pub(super) struct DepthLimited<'a> {
    rest: &'a [u8],
    /// The parser looks for the first markup in the first piece.
    piece_bytes: usize,
    stack_start: usize,
}

impl<'a> DepthLimited<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let markup = bytes.iter().position(|byte| matches!(byte, b'<' | b'{'));
        Self {
            rest: bytes,
            piece_bytes: markup.unwrap_or(0) + CHUNK_BYTES,
            stack_start: stack_position(),
        }
    }
}

impl Read for DepthLimited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if stack_position().abs_diff(self.stack_start) > STACK_BYTES_MAX {
            return Err(io::Error::other("the elements are nested too deeply"));
        }
        let space = buffer.len().min(self.piece_bytes);
        self.piece_bytes = CHUNK_BYTES;
        let space = buffer.get_mut(..space).unwrap_or_default();
        self.rest.read(space)
    }
}

/// Where the stack ends now, as the address of something on it.
#[inline(never)]
fn stack_position() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr()
}
