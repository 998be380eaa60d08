//! The tables, and how a file of any age becomes one that has them.
//!
//! `application_id` says that a file is ours and `user_version` how many of
//! [`MIGRATIONS`] it went through. A migration that was released never changes;
//! a change of the tables is a new one at the end.

use super::{StoreError, values::signed};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// "wwch", which marks a database file as ours (see `file`(1)).
pub(super) const APPLICATION_ID: i64 = 0x7777_6368;

/// How the tables came to be, step by step.
pub(super) const MIGRATIONS: [&[&str]; 4] = [
    &[FIRST],
    &[MANNERS],
    &[ASKED, PUSH, EDITS, ERRANDS],
    &[DECISIONS, ENDPOINTS],
];

const FIRST: &str = "
-- How the last daemon started, and whether it stopped cleanly.
CREATE TABLE run (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    started_at  INTEGER NOT NULL,
    clean       INTEGER NOT NULL
) STRICT;

CREATE TABLE feed (
    number         INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    url            TEXT NOT NULL,
    etag           BLOB,
    last_modified  BLOB,
    body_hash      BLOB,
    polled_at      INTEGER,
    succeeded_at   INTEGER,
    next_poll_at   INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    failures       INTEGER NOT NULL,
    last_error     TEXT,
    title          TEXT,
    polls          INTEGER NOT NULL,
    not_modified   INTEGER NOT NULL,
    -- When its entries were last read: what was not among them then is gone.
    read_at        INTEGER,
    -- When it was first missing from the configuration.
    removed_at     INTEGER
) STRICT;

CREATE TABLE host_wait (
    host        TEXT PRIMARY KEY,
    not_before  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Small rows, many of them: the key of an entry is shortened to 16 bytes.
CREATE TABLE seen (
    feed        INTEGER NOT NULL,
    key         BLOB NOT NULL,
    article     INTEGER,
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    PRIMARY KEY (feed, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE article (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    feed       TEXT,
    url        TEXT,
    title      TEXT NOT NULL,
    summary    TEXT NOT NULL,
    body       TEXT NOT NULL,
    published  INTEGER,
    seen       INTEGER NOT NULL,
    language   TEXT,
    extras     TEXT NOT NULL
) STRICT;
CREATE INDEX article_by_seen ON article (seen);

CREATE TABLE alert (
    number    INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,
    article   TEXT NOT NULL UNIQUE,
    feed      TEXT NOT NULL,
    at        INTEGER NOT NULL,
    severity  TEXT NOT NULL,
    title     TEXT NOT NULL,
    url       TEXT,
    json      BLOB NOT NULL
) STRICT;
CREATE INDEX alert_by_time ON alert (at);

-- The last number that was given to a delivery of each sink.
CREATE TABLE sink (
    name  TEXT PRIMARY KEY,
    seq   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    number       INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    sink         TEXT NOT NULL,
    alert        TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    payload      BLOB NOT NULL,
    crc          INTEGER NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT,
    created_at   INTEGER NOT NULL,
    next_at      INTEGER,
    finished_at  INTEGER,
    attempts     INTEGER NOT NULL DEFAULT 0,
    requeues     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX delivery_pending ON delivery (sink, next_at, seq) WHERE state = 'pending';
CREATE INDEX delivery_dead ON delivery (sink) WHERE state = 'dead';
CREATE INDEX delivery_finished ON delivery (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE attempt (
    delivery  INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    outcome   TEXT NOT NULL,
    detail    TEXT NOT NULL,
    PRIMARY KEY (delivery, n)
) STRICT, WITHOUT ROWID;
";

const MANNERS: &str = "
-- What is remembered of a feed beside its columns, as JSON.
ALTER TABLE feed ADD COLUMN memory TEXT NOT NULL DEFAULT '{}';

CREATE TABLE host (
    name        TEXT PRIMARY KEY,
    asked_at    INTEGER,
    not_before  INTEGER,
    reason      TEXT,
    failures    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO host SELECT host, NULL, not_before, 'retry-after', 0 FROM host_wait;
DROP TABLE host_wait;

-- The latest requests to each host; without an outcome, its answer was never
-- stored.
CREATE TABLE request (
    number       INTEGER PRIMARY KEY,
    host         TEXT NOT NULL,
    feed         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    hop          INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    conditional  INTEGER NOT NULL,
    outcome      TEXT
) STRICT;
CREATE INDEX request_by_host ON request (host, number);
";

const ASKED: &str = "
-- Feeds that the operator wants polled early, until the daemon has heard of it.
CREATE TABLE asked (
    feed  TEXT PRIMARY KEY,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

const PUSH: &str = "
-- Where feeds say that their changes are announced; an offer that changes gets a
-- new number, so that the latest are found without looking through all.
CREATE TABLE hub_offer (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    feed    TEXT NOT NULL UNIQUE,
    hubs    TEXT NOT NULL,
    topic   TEXT NOT NULL
) STRICT;

CREATE TABLE subscription (
    token        TEXT PRIMARY KEY,
    feed         TEXT NOT NULL,
    hub          TEXT NOT NULL,
    topic        TEXT NOT NULL,
    callback     TEXT NOT NULL,
    secret       TEXT NOT NULL,
    wanted       INTEGER NOT NULL,
    moved_to     TEXT,
    hops         INTEGER NOT NULL,
    pending      TEXT,
    asked_at     INTEGER,
    next_at      INTEGER NOT NULL,
    lease_until  INTEGER,
    denied       INTEGER NOT NULL,
    failures     INTEGER NOT NULL,
    error        TEXT,
    pushed_at    INTEGER,
    pushes       INTEGER NOT NULL,
    dropped      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_by_feed ON subscription (feed);
";

const EDITS: &str = "
-- What an entry is known by if its guid changes, and what it said; of entries
-- that were seen by an older version neither is known until they are seen again.
ALTER TABLE seen ADD COLUMN second_key BLOB;
ALTER TABLE seen ADD COLUMN print INTEGER;
CREATE INDEX seen_by_second_key ON seen (feed, second_key) WHERE second_key IS NOT NULL;

-- How often an article was revised, as far as it is counted, and when last.
ALTER TABLE article ADD COLUMN revisions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE article ADD COLUMN revised_at INTEGER;
";

const ERRANDS: &str = "
-- What polls led to beside themselves: pages to be asked for, and how that ended.
CREATE TABLE errand (
    number      INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    -- How many older pages of the feed may follow.
    pages_left  INTEGER NOT NULL,
    feed        TEXT NOT NULL,
    url         TEXT NOT NULL,
    article     TEXT,
    since       INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    tries       INTEGER NOT NULL,
    -- None while it is not over.
    outcome     TEXT,
    ended_at    INTEGER
) STRICT;
CREATE INDEX errand_open ON errand (feed, kind) WHERE outcome IS NULL;
CREATE INDEX errand_ended ON errand (ended_at) WHERE ended_at IS NOT NULL;
CREATE UNIQUE INDEX errand_by_article ON errand (article) WHERE article IS NOT NULL;
";

const DECISIONS: &str = "
-- What each route said to an alert, as JSON; nothing where there are no routes.
ALTER TABLE alert ADD COLUMN decision TEXT;

-- What a delivery brings: an alert, a digest or a notice.
ALTER TABLE delivery ADD COLUMN kind TEXT NOT NULL DEFAULT 'alert';
-- By whose rules it goes: a route's, or those of notices.
ALTER TABLE delivery ADD COLUMN route TEXT;
-- Until when it is held.
ALTER TABLE delivery ADD COLUMN release_at INTEGER;
-- When it was sent, where that counts toward a limit.
ALTER TABLE delivery ADD COLUMN sent_at INTEGER;
-- The delivery of the digest that it went out in.
ALTER TABLE delivery ADD COLUMN digest TEXT;
-- The silence that keeps it from its sink.
ALTER TABLE delivery ADD COLUMN silence INTEGER;
CREATE INDEX delivery_held ON delivery (sink, route, number) WHERE state = 'held';
CREATE INDEX delivery_release ON delivery (release_at) WHERE state = 'held';
CREATE INDEX delivery_sent ON delivery (sink, route, sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE silence (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    selection  TEXT NOT NULL,
    sinks      TEXT NOT NULL,
    starts_at  INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    author     TEXT NOT NULL
) STRICT;
CREATE INDEX silence_by_end ON silence (ends_at);

CREATE TABLE notice (
    number        INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    at            INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    subject_kind  TEXT NOT NULL,
    subject       TEXT NOT NULL,
    json          BLOB NOT NULL
) STRICT;
CREATE INDEX notice_by_time ON notice (at);

-- The sinks that notices go to.
CREATE TABLE notice_sink (
    name  TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
";

const ENDPOINTS: &str = "
-- What is known of the far side of each sink.
CREATE TABLE endpoint (
    sink          TEXT PRIMARY KEY,
    state         TEXT NOT NULL,
    failures      INTEGER NOT NULL,
    probes        INTEGER NOT NULL,
    since         INTEGER,
    next_probe    INTEGER,
    not_before    INTEGER,
    last_error    TEXT,
    succeeded_at  INTEGER,
    -- What its settings were.
    fingerprint   TEXT NOT NULL,
    -- How often a person resumed it, so that the daemon sees that one did.
    resumes       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Whether the receiver refused the full form.
ALTER TABLE delivery ADD COLUMN plain INTEGER NOT NULL DEFAULT 0;
-- When a person last asked for it again: from then on its age counts anew.
ALTER TABLE delivery ADD COLUMN retried_at INTEGER;
CREATE INDEX delivery_by_seq ON delivery (sink, seq, next_at, attempts) WHERE state = 'pending';
CREATE INDEX delivery_by_age ON delivery (sink, coalesce(retried_at, created_at))
    WHERE state = 'pending';
";

/// The newest version of the tables.
fn known() -> i64 {
    signed(MIGRATIONS.len() as u64)
}

/// Refuses a database that is not ours or too new; gives the version of its tables.
pub(super) fn identify(connection: &Connection, file: &Path) -> Result<i64, StoreError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let empty = application == 0 && found == 0 && tables == 0;
    if application != APPLICATION_ID && !empty {
        return Err(StoreError::Foreign {
            file: file.to_owned(),
        });
    }
    if found > known() {
        return Err(StoreError::Newer {
            found,
            known: known(),
        });
    }
    Ok(found)
}

/// Refuses tables that only the daemon may bring up to date.
pub(super) fn require_current(found: i64) -> Result<(), StoreError> {
    if found == known() {
        return Ok(());
    }
    Err(StoreError::Older {
        found,
        known: known(),
    })
}

/// Brings the tables up to date: all of the way or not at all.
pub(super) fn migrate(connection: &mut Connection, found: i64) -> Result<(), StoreError> {
    if found == known() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in MIGRATIONS.iter().skip(found as usize).copied().flatten() {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known())?;
    transaction.commit()?;
    Ok(())
}
