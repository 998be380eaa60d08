//! Which addresses are public: the rest is never reached on a publisher's word.
//!
//! The special-purpose registries of IANA (RFC 6890 and its updates), with the
//! ways to write an IPv4 address inside an IPv6 one taken apart first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let special = match (a, b, c, d) {
        // "This network", private use, loopback, shared by carriers (RFC 6598).
        (0 | 10 | 127, ..) | (100, 64..=127, ..) | (172, 16..=31, ..) | (192, 168, ..) => true,
        // Link-local, where clouds keep their metadata.
        (169, 254, ..) => true,
        // Protocol assignments, documentation, 6to4 relays, AS112, benchmarks.
        (192, 0, 0 | 2, _) | (192, 88, 99, _) | (192, 31, 196, _) | (192, 52, 193, _) => true,
        (192, 175, 48, _) | (198, 18..=19, ..) | (198, 51, 100, _) | (203, 0, 113, _) => true,
        // Multicast, reserved, broadcast.
        (224..=255, ..) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = inner_v4(address) {
        return is_public_v4(inner);
    }
    let [a, b, c, ..] = address.segments();
    // Only 2000::/3 is given out at all (IANA IPv6 Global Unicast).
    let unicast = a & 0xe000 == 0x2000;
    let special = match (a, b, c) {
        // Protocol assignments with Teredo and ORCHID, documentation, SRv6.
        (0x2001, 0x0000..=0x01ff, _) | (0x2001, 0x0db8, _) | (0x3fff, 0x0000..=0x0fff, _) => true,
        (0x5f00, ..) => true,
        // AS112.
        (0x2620, 0x004f, 0x8000) => true,
        _ => false,
    };
    unicast && !special
}

/// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:0:0/96`),
/// compatible (`::/96`), translated (`64:ff9b::/96`, RFC 6052) or 6to4
/// (`2002::/16`, RFC 3056).
///
/// `64:ff9b:1::/48` is left out: each network chooses where in it the IPv4
/// address lies (RFC 8215), so none of it can be told to be public.
fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0, 0, 0, 0, 0xffff, 0) => of(g, h),
        (0x0064, 0xff9b, 0, 0, 0, 0) => of(g, h),
        (0x2002, ..) => of(b, c),
        _ => None,
    }
}
