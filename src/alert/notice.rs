//! Notices to the operator: what wirewatch says of itself and of its feeds.
//!
//! A feed that died, a sink that takes nothing, alerts that were given up: who
//! runs the monitor must hear of it by the way by which alerts come, since nobody
//! reads a log until something is missing.

use crate::name::word_of;
use crate::text::hex;
use crate::watchlist::Severity;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Identity of a notice: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoticeId(pub String);

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A feed, by its name.
    Feed(String),
    /// A host.
    Host(String),
    /// A sink, by its name.
    Sink(String),
    /// The daemon itself.
    Daemon,
}

impl Subject {
    /// What kind of thing it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Feed(_) => "feed",
            Self::Host(_) => "host",
            Self::Sink(_) => "sink",
            Self::Daemon => "daemon",
        }
    }

    /// Its name; empty for the daemon.
    pub fn name(&self) -> &str {
        match self {
            Self::Feed(name) | Self::Host(name) | Self::Sink(name) => name,
            Self::Daemon => "",
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A feed has failed for long.
    FeedFails,
    /// A feed that failed can be read again.
    FeedRecovered,
    /// A feed says that it is gone.
    FeedGone,
    /// A feed moved for good.
    FeedMoved,
    /// A feed has had nothing new for longer than is usual for it.
    FeedSilent,
    /// A feed has far fewer entries than is usual for it.
    FeedShrank,
    /// Entries may have come and gone between two polls.
    PossibleGap,
    /// A host fails for several feeds at once.
    HostFails,
    /// A sink takes nothing; its deliveries wait.
    SinkFails,
    /// A sink takes deliveries again.
    SinkRecovered,
    /// Deliveries were given up and are kept for a person.
    DeliveryDead,
    /// The configuration could not be read again.
    ReloadFailed,
}

impl NoticeKind {
    /// Every kind with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 12] = [
        ("feed-fails", Self::FeedFails),
        ("feed-recovered", Self::FeedRecovered),
        ("feed-gone", Self::FeedGone),
        ("feed-moved", Self::FeedMoved),
        ("feed-silent", Self::FeedSilent),
        ("feed-shrank", Self::FeedShrank),
        ("possible-gap", Self::PossibleGap),
        ("host-fails", Self::HostFails),
        ("sink-fails", Self::SinkFails),
        ("sink-recovered", Self::SinkRecovered),
        ("delivery-dead", Self::DeliveryDead),
        ("reload-failed", Self::ReloadFailed),
    ];

    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }

    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            Self::SinkFails | Self::DeliveryDead | Self::ReloadFailed => Severity::High,
            Self::FeedRecovered | Self::SinkRecovered | Self::FeedMoved => Severity::Low,
            _ => Severity::Normal,
        }
    }
}

/// What the operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// What it is about.
    pub subject: Subject,
    /// When it happened.
    pub at: Timestamp,
    /// What it says, as a sentence that says what can be done about it.
    pub text: String,
}

impl Notice {
    /// Its identity: the same for the same thing at the same time.
    pub fn id(&self) -> NoticeId {
        let mut hash = Sha256::new();
        for part in [
            self.kind.as_str(),
            self.subject.kind(),
            self.subject.name(),
            &self.at.to_string(),
        ] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let digest = hash.finalize();
        NoticeId(hex(digest.get(..16).unwrap_or_default()))
    }

    /// One line that says what is the matter.
    pub fn title(&self) -> String {
        let what = match self.kind {
            NoticeKind::FeedFails => "fails",
            NoticeKind::FeedRecovered => "can be read again",
            NoticeKind::FeedGone => "is gone",
            NoticeKind::FeedMoved => "moved",
            NoticeKind::FeedSilent => "has fallen silent",
            NoticeKind::FeedShrank => "shrank",
            NoticeKind::PossibleGap => "may have lost entries between two polls",
            NoticeKind::HostFails => "fails for several feeds",
            NoticeKind::SinkFails => "takes nothing",
            NoticeKind::SinkRecovered => "takes deliveries again",
            NoticeKind::DeliveryDead => "did not take what was sent; it was given up",
            NoticeKind::ReloadFailed => "kept its old configuration",
        };
        match &self.subject {
            Subject::Daemon => format!("wirewatch {what}"),
            subject => format!("{} {} {what}", subject.kind(), subject.name()),
        }
    }
}
