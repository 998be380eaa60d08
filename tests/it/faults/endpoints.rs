//! Receivers that are down, slow, full, gone, or answer what nobody can read.

use super::Promise::{Apart, Bounded, Kept, Once, Recovers, Told};
use super::endpoint::{Endpoint, Reply, sink};
use super::world::World;
use super::{Disk, Row};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// What a sink's deliveries came to, as the operator can see it.
pub(crate) fn deliveries(world: &World, arguments: &[&str]) -> Vec<Value> {
    let mut command = vec!["deliveries", "list", "--json"];
    command.extend(arguments);
    let listed = world.wirewatch.command(&command);
    let lines = listed.out.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Row 13: a receiver that is down for a minute, for an hour, and for longer than
/// its alerts are worth something. The wall clock is moved, so nobody waits.
pub(crate) async fn down(row: Row) {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut world = World::of(1, &sink("down", &format!("http://{address}/"))).await;
    let disk = Disk::below(&world.wirewatch.path("state"));
    world
        .wirewatch
        .start_changed("info", |command| disk.under(command));
    world.clock_moved = true;
    for down_s in [60, 3_700] {
        let before = world.published;
        for _ in 0..3 {
            world.publish(0);
        }
        world.receiver.wait_for(world.published).await;
        row.check(Apart, true, "another sink goes on");
        let failed = world.wirewatch.wait_for_log("sink=down").await;
        row.check(Told, failed.contains("failed"), failed);
        disk.order(
            "clock",
            &(down_s * i64::try_from(world.published).unwrap()).to_string(),
        );
        let back = Endpoint::at(&address, None, |_| Reply::status(204, "")).await;
        let arrivals = back.wait_for(world.published - before).await;
        let ids: std::collections::BTreeSet<_> = arrivals.iter().map(|it| &it.id).collect();
        row.check(
            Kept,
            ids.len() == world.published - before,
            format!("{ids:?}"),
        );
        row.check(Once, arrivals.len() == ids.len(), "one came twice");
        row.check(Recovers, true, "it found the receiver again");
    }
    world.publish(0);
    world.receiver.wait_for(world.published).await;
    disk.order("clock", &(100 * 24 * 3_600).to_string());
    let given_up = world.wirewatch.wait_for_log("gave up").await;
    row.check(Told, given_up.contains("expired"), given_up);
    let dead = deliveries(&world, &["--state", "dead"]);
    let record = !dead.is_empty() && dead.iter().all(|dead| dead["reason"] == "expired");
    row.check(Kept, record, format!("{dead:?}"));
    world.settle_up(&row, 0).await;
    world.stop();
    row.did("down for 1 min, 1 h and beyond max_age");
}

/// The header by which a receiver asks for silence.
type Wait = Box<dyn Fn() -> String + Send>;

/// Row 14: a receiver that asks for silence, in every form; none is undercut.
pub(crate) async fn asked_to_wait(row: Row) {
    let date = || {
        let at = jiff::Timestamp::now() + Duration::from_secs(5);
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    let forms: Vec<(&str, u64, Wait)> = vec![
        ("seconds", 8, Box::new(|| "retry-after: 8\r\n".to_owned())),
        (
            "date",
            4,
            Box::new(move || format!("retry-after: {}\r\n", date())),
        ),
        ("none", 3, Box::new(String::new)),
        ("negative", 3, Box::new(|| "retry-after: -7\r\n".to_owned())),
        ("words", 3, Box::new(|| "retry-after: soon\r\n".to_owned())),
    ];
    let (mut sinks, mut endpoints) = (String::new(), Vec::new());
    for (name, wait_s, header) in forms {
        let endpoint = Endpoint::open(move |arrival| match arrival {
            1 => Reply::status(429, &header()),
            _ => Reply::status(204, ""),
        })
        .await;
        sinks += &endpoint.sink(name);
        endpoints.push((name, wait_s, endpoint));
    }
    let absurd = Endpoint::open(|_| Reply::status(429, "retry-after: 99999999999\r\n")).await;
    let mut world = World::of(1, &(sinks + &absurd.sink("absurd"))).await;
    world.wirewatch.start();
    world.publish(0);
    for (name, wait_s, endpoint) in &endpoints {
        let arrivals = endpoint.wait_for(2).await;
        let waited = arrivals[1].at.duration_since(arrivals[0].at);
        let kept = waited >= Duration::from_secs(*wait_s);
        row.check(Once, kept, format!("{name}: came again after {waited:?}"));
        row.check(Once, arrivals[0].id == arrivals[1].id, "under another id");
    }
    world.settle_up(&row, 0).await;
    let sinks = world.wirewatch.command(&["sinks", "list", "--json"]).out;
    let mut sinks = sinks
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let absurd = sinks.find(|sink| sink["name"] == "absurd").unwrap();
    let next = absurd["endpoint"]["not_before"].as_str().unwrap();
    let next: jiff::Timestamp = next.parse().unwrap();
    let wait = next.duration_since(jiff::Timestamp::now());
    row.check(
        Once,
        wait > jiff::SignedDuration::from_hours(20),
        format!("{wait:?}"),
    );
    row.check(
        Kept,
        wait <= jiff::SignedDuration::from_hours(24),
        format!("{wait:?} is never"),
    );
    row.did("429 in six forms");
}

/// Row 15: receivers that hang, drip, break off, do not end, or say more than one
/// thing. Another receiver must not notice.
pub(crate) async fn odd(row: Row) {
    let twice = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 So\r\nconnection: close\r\n\r\n";
    let kinds = [
        ("hanging", Reply::Hang, false),
        ("dripping", Reply::Drip, false),
        ("breaking", Reply::Reset, false),
        ("garbled", Reply::Raw(b"what?\r\n\r\n".to_vec()), false),
        ("endless", Reply::Endless, true),
        ("continuing", Reply::Raw(twice.to_vec()), true),
    ];
    let (mut sinks, mut endpoints) = (String::new(), Vec::new());
    for (name, reply, _) in &kinds {
        let reply = reply.clone();
        let endpoint = Endpoint::open(move |_| reply.clone()).await;
        sinks += &endpoint.sink(name);
        endpoints.push(endpoint);
    }
    let mut world = World::of(1, &sinks).await;
    world.wirewatch.start();
    world.publish(0);
    for endpoint in &endpoints {
        endpoint.wait_for(1).await;
    }
    for _ in 0..10 {
        world.publish(0);
    }
    world.receiver.wait_for(world.published).await;
    row.check(Apart, true, "the sound receiver got everything meanwhile");
    for ((name, _, is_taken), endpoint) in kinds.iter().zip(&endpoints) {
        if *is_taken {
            endpoint.wait_for(world.published).await;
        } else {
            let line = world.wirewatch.wait_for_log(&format!("sink={name}")).await;
            row.check(Told, line.contains("failed"), line);
        }
        for arrival in endpoint.arrivals() {
            let answered = *arrival.answered.lock().unwrap();
            // What was not read fills the buffers of the sockets.
            row.check(
                Bounded,
                answered < 8 << 20,
                format!("{answered} bytes taken"),
            );
        }
    }
    world.settle_up(&row, 0).await;
    row.did("hanging, dripping, breaking, garbled, endless, 100 Continue");
}

/// Row 16: a receiver that takes it, but says so when nobody waits any more.
pub(crate) async fn late(row: Row) {
    let endpoint = Endpoint::open(|arrival| {
        let Reply::Raw(taken) = Reply::status(204, "") else {
            unreachable!("a status is raw")
        };
        let wait = if arrival == 1 { 25 } else { 0 };
        Reply::Later(Duration::from_secs(wait), taken)
    })
    .await;
    let mut world = World::of(1, &endpoint.sink("late")).await;
    world.wirewatch.start();
    world.publish(0);
    let arrivals = endpoint.wait_for(2).await;
    row.check(Once, arrivals[0].id == arrivals[1].id, "under another id");
    world.publish(0);
    world.settle_up(&row, 0).await;
    let arrivals = endpoint.wait_for(3).await;
    row.check(Once, arrivals.len() == 3, "a known outcome came again");
    row.did("answered after 25 s");
}

/// Row 17: receivers that refuse: for good, until somebody mends it, or by naming
/// another place, where nothing is sent.
pub(crate) async fn refusing(row: Row) {
    let canary = Endpoint::open(|_| Reply::status(204, "")).await;
    let elsewhere = format!("location: http://127.0.0.1:{}/\r\n", canary.port());
    let kinds = [
        ("gone", 410, ""),
        ("missing", 404, ""),
        ("forbidden", 401, ""),
        ("moved", 301, elsewhere.as_str()),
        ("refusing", 400, ""),
    ];
    let (mut sinks, mut endpoints) = (String::new(), Vec::new());
    for (name, status, headers) in kinds {
        let headers = headers.to_owned();
        let endpoint = Endpoint::open(move |_| Reply::status(status, &headers)).await;
        sinks += &endpoint.sink(name);
        endpoints.push(endpoint);
    }
    let mut world = World::of(1, &sinks).await;
    world.wirewatch.start();
    for _ in 0..8 {
        world.publish(0);
        world.receiver.wait_for(world.published).await;
    }
    row.check(Apart, true, "another sink goes on");
    for ((name, status, _), endpoint) in kinds.iter().zip(&endpoints) {
        let line = world.wirewatch.wait_for_log(&format!("sink={name}")).await;
        row.check(Told, line.contains(&status.to_string()), line);
        let came = endpoint.arrivals().len();
        // A payload that is refused may be tried once more in another form.
        let most = if *status == 400 { 2 } else { 1 } * world.published;
        row.check(Once, came <= most, format!("{name}: {came} requests"));
        let kept = deliveries(&world, &["--sink", name]).len();
        row.check(
            Kept,
            kept >= world.published,
            format!("{name}: {kept} kept"),
        );
    }
    let came = canary.arrivals().len();
    row.check(Once, came == 0, "a redirect was followed");
    let refused = world.wirewatch.command(&[
        "deliveries",
        "list",
        "--sink",
        "refusing",
        "--state",
        "dead",
        "--json",
    ]);
    row.check(Told, refused.out.contains("refused"), refused.out);
    world.settle_up(&row, 0).await;
    row.did("410, 404, 401, 301, 400");
}

/// Row 20: certificates that are expired or somebody else's, and a handshake that
/// breaks.
pub(crate) async fn untrusted(row: Row) {
    let trust = Trust::new();
    let taken = |_| Reply::status(204, "");
    let sound = Endpoint::at(
        "127.0.0.1:0",
        Some(trust.acceptor("127.0.0.1", 2100)),
        taken,
    )
    .await;
    let expired = Endpoint::at(
        "127.0.0.1:0",
        Some(trust.acceptor("127.0.0.1", 2001)),
        taken,
    )
    .await;
    let other = Endpoint::at(
        "127.0.0.1:0",
        Some(trust.acceptor("other.test", 2100)),
        taken,
    )
    .await;
    let plain = Endpoint::open(taken).await;
    let url = |endpoint: &Endpoint| format!("https://127.0.0.1:{}/", endpoint.port());
    let sinks = sink("sound", &url(&sound))
        + &sink("expired", &url(&expired))
        + &sink("other", &url(&other))
        + &sink("plain", &url(&plain));
    let mut world = World::of(1, &sinks).await;
    let file = world.wirewatch.path("authority.pem");
    std::fs::write(&file, &trust.pem).unwrap();
    world.wirewatch.start_with("SSL_CERT_FILE", &file);
    world.publish(0);
    sound.wait_for(1).await;
    world.receiver.wait_for(1).await;
    row.check(Apart, true, "sound receivers go on");
    for (name, words) in [("expired", "expired"), ("other", "name"), ("plain", "")] {
        let line = world.wirewatch.wait_for_log(&format!("sink={name}")).await;
        let says = line.contains("failed") && line.to_lowercase().contains(words);
        row.check(Told, says, line);
    }
    for endpoint in [&expired, &other, &plain] {
        let came = endpoint.arrivals().len();
        row.check(Kept, came == 0, "an alert was sent to somebody unknown");
    }
    world.settle_up(&row, 0).await;
    row.did("expired, of another name, no TLS at all");
}

/// An authority of our own, and what it vouches for.
struct Trust {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Trust {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Speaks for this name until this year.
    fn acceptor(&self, name: &str, until: i32) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}
