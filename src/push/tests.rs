//! Signatures, by the test vectors of their methods.

use super::signature::is_signed;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::Sha256;

const KEY: &[u8] = b"Jefe";
const BODY: &[u8] = b"what do ya want for nothing?";

/// RFC 2202, test case 2 of section 3, and RFC 4231, test case 2.
const SIGNED: [&str; 4] = [
    "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
     8e2240ca5e69e2c78b3239ecfab21649",
    "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
     9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
];

#[test]
fn every_method_by_its_vector() {
    for header in SIGNED {
        assert!(is_signed(header, KEY, BODY), "{header}");
        assert!(is_signed(&header.to_uppercase(), KEY, BODY), "{header}");
        assert!(is_signed(&format!(" {header} "), KEY, BODY), "{header}");
        assert!(!is_signed(header, b"jefe", BODY), "{header}");
        assert!(!is_signed(header, KEY, b"what"), "{header}");
        let short = header.get(..header.len() - 2).unwrap();
        assert!(!is_signed(short, KEY, BODY), "{short}");
        assert!(!is_signed(&format!("{header}00"), KEY, BODY), "{header}");
    }
    let (_, digits) = SIGNED[1].split_once('=').unwrap();
    for header in [
        String::new(),
        digits.to_owned(),
        "sha256=".to_owned(),
        format!("md5={digits}"),
        format!("sha1={digits}"),
        format!("sha256={digits}0"),
        format!("sha256={digits}, sha1={digits}"),
        format!("sha256={}", digits.replace('5', "ö")),
    ] {
        assert!(!is_signed(&header, KEY, BODY), "{header}");
    }
}

proptest! {
    #[test]
    fn no_header_is_too_odd(header in "(sha(1|256|384|512)=)?[0-9a-fA-Fö= ]{0,140}|.{0,60}") {
        prop_assert!(!is_signed(&header, KEY, BODY));
    }

    #[test]
    fn one_flipped_bit_is_enough(body in proptest::collection::vec(any::<u8>(), 1..200), place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap().chain_update(&body);
        let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let header = format!("sha256={digits}");
        prop_assert!(is_signed(&header, KEY, &body));
        let mut other = body.clone();
        *place.get_mut(&mut other) ^= 1 << bit;
        prop_assert!(!is_signed(&header, KEY, &other));
    }
}
