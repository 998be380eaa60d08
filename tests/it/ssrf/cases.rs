//! Ways to write an address that nobody outside may send us to.
//!
//! The spellings are those by which checks of other programs were passed: an
//! address as a number, in octal or hexadecimal, shortened, inside of an IPv6
//! address, with digits and dots of other scripts, behind a login, or read one
//! way by the check and another way by the client (parser differentials).

/// What a spelling comes to if everything on this machine is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lands {
    /// The canary is reached, by IPv4.
    Here,
    /// The canary is reached where the machine has IPv6.
    HereByV6,
    /// The canary is reached where names can be set for a test.
    HereByName,
    /// Another private place: nothing may be sent there, by a test neither.
    Elsewhere,
    /// Nowhere: this is no address that is fetched.
    Nowhere,
}

/// An address, with `PORT` and `PATH` where those of the canary belong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    text: &'static str,
    pub(super) lands: Lands,
}

impl Case {
    /// The address with the port of the canary, and a path that tells who came.
    pub(super) fn url(&self, port: u16, path: &str) -> String {
        let port = port.to_string();
        self.text.replace("PORT", &port).replace("PATH", path)
    }

    /// Whether it names the machine that looks it up (RFC 6761, section 6.3).
    pub(super) fn is_localhost(&self) -> bool {
        self.text.contains("localhost")
    }

    pub(super) fn is_tls(&self) -> bool {
        self.text.starts_with("https:")
    }
}

const fn case(text: &'static str, lands: Lands) -> Case {
    Case { text, lands }
}

pub(super) const CASES: &[Case] = {
    use Lands::{Elsewhere, Here, HereByName, HereByV6, Nowhere};
    &[
        // Spellings of an IPv4 address.
        case("http://127.0.0.1:PORT/PATH", Here),
        case("http://127.9.8.7:PORT/PATH", Here),
        case("http://2130706433:PORT/PATH", Here),
        case("http://0x7f000001:PORT/PATH", Here),
        case("http://0X7F.0X0.0x0.0x1:PORT/PATH", Here),
        case("http://0177.0.0.1:PORT/PATH", Here),
        case("http://017700000001:PORT/PATH", Here),
        case("http://0x7f.0.0.01:PORT/PATH", Here),
        case("http://127.000.000.001:PORT/PATH", Here),
        case("http://127.1:PORT/PATH", Here),
        case("http://127.0.1:PORT/PATH", Here),
        case("http://0:PORT/PATH", Here),
        case("http://0x0:PORT/PATH", Here),
        case("http://0.0.0.0:PORT/PATH", Here),
        case("http://127.0.0.1.:PORT/PATH", Here),
        // Digits, dots and letters of other scripts, and escapes.
        case("http://１２７.０.０.１:PORT/PATH", Here),
        case("http://①②⑦.⓪.⓪.①:PORT/PATH", Here),
        case("http://127。0。0。1:PORT/PATH", Here),
        case("http://127．0．0．1:PORT/PATH", Here),
        case("http://127｡0｡0｡1:PORT/PATH", Here),
        case("http://%31%32%37.0.0.1:PORT/PATH", Here),
        case("http://127%2e0%2e0%2e1:PORT/PATH", Here),
        // IPv6, and IPv4 inside of it.
        case("http://[::1]:PORT/PATH", HereByV6),
        case("http://[0:0:0:0:0:0:0:1]:PORT/PATH", HereByV6),
        case("http://[::]:PORT/PATH", HereByV6),
        case("http://[::ffff:127.0.0.1]:PORT/PATH", HereByV6),
        case("http://[::ffff:7f00:1]:PORT/PATH", HereByV6),
        case("http://[::127.0.0.1]:PORT/PATH", Elsewhere),
        case("http://[::ffff:0:127.0.0.1]:PORT/PATH", Elsewhere),
        case("http://[64:ff9b::7f00:1]:PORT/PATH", Elsewhere),
        case("http://[64:ff9b:1::7f00:1]:PORT/PATH", Elsewhere),
        case("http://[2002:7f00:1::]:PORT/PATH", Elsewhere),
        case("http://[2001:0:7f00:1::1]:PORT/PATH", Elsewhere),
        case("http://[fe80::1]:PORT/PATH", Elsewhere),
        case("http://[fd00:ec2::254]/PATH", Elsewhere),
        case("http://[fe80::1%25lo]:PORT/PATH", Nowhere),
        // Names of this machine.
        case("http://localhost:PORT/PATH", Here),
        case("http://LOCALHOST:PORT/PATH", Here),
        case("http://ｌｏｃａｌｈｏｓｔ:PORT/PATH", Here),
        case("http://%6cocalhost:PORT/PATH", Here),
        case("http://local\u{ad}host:PORT/PATH", Here),
        case("http://localhost.:PORT/PATH", HereByName),
        case("http://canary.localhost:PORT/PATH", HereByName),
        // Names that resolve to private addresses, to one among others.
        case("http://private.test:PORT/PATH", HereByName),
        case("http://private6.test:PORT/PATH", HereByName),
        case("http://mixed.test:PORT/PATH", HereByName),
        // Read one way by a check, and another way by a client.
        case("http://news.example@127.0.0.1:PORT/PATH", Here),
        case("http://news.example:80@127.0.0.1:PORT/PATH", Here),
        case("http://127.0.0.1:PORT\\@news.example/PATH", Here),
        case("http://127.0.0.1:PORT/PATH#@news.example/", Here),
        case("http://127.0.0.1:PORT?@news.example/PATH", Here),
        case("http:\\\\127.0.0.1:PORT\\PATH", Here),
        case("http:///127.0.0.1:PORT/PATH", Here),
        case("HTTP://127.0.0.1:PORT/../PATH", Here),
        case("https://127.6.5.4:PORT/PATH", Here),
        // Other private places: clouds, carriers, networks of one's own.
        case("http://169.254.169.254/PATH", Elsewhere),
        case("http://2852039166/PATH", Elsewhere),
        case("http://[::ffff:169.254.169.254]/PATH", Elsewhere),
        case("http://100.64.0.1/PATH", Elsewhere),
        case("http://100.100.100.200/PATH", Elsewhere),
        case("http://10.0.0.1/PATH", Elsewhere),
        case("http://172.16.0.1/PATH", Elsewhere),
        case("http://192.168.0.1/PATH", Elsewhere),
        case("http://192.0.0.192/PATH", Elsewhere),
        case("http://198.18.0.1/PATH", Elsewhere),
        case("http://224.0.0.1/PATH", Elsewhere),
        case("http://255.255.255.255/PATH", Elsewhere),
        // Other schemes.
        case("file:///etc/passwd", Nowhere),
        case("ftp://127.0.0.1:PORT/PATH", Nowhere),
        case("gopher://127.0.0.1:PORT/PATH", Nowhere),
        case("ws://127.0.0.1:PORT/PATH", Nowhere),
        case("data:text/xml,PATH", Nowhere),
    ]
};
