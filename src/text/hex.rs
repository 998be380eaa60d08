//! Bytes as digits, for identities.

use std::fmt::Write;

/// Two small hexadecimal digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing into a string does not fail.
        let _written = write!(digits, "{byte:02x}");
        digits
    })
}
