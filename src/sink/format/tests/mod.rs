//! What receivers get, and what their answers mean.

mod answers;
mod bodies;
mod fixtures;
mod injection;
mod limits;
mod readers;
mod renders;
mod samples;
mod services;
mod views;

use super::{Rendered, Task, render};
use crate::alert::AlertId;
use crate::config::{Format, Secret};
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryId};
use jiff::{SignedDuration, Timestamp};
use readers::Seen;
use url::Url;

/// A format with what its receivers refuse, and what they would show.
struct Receiver {
    name: &'static str,
    format: fn() -> Format,
    /// How a message is written in it.
    write: fn(&Format, Task<'_>) -> Rendered,
    /// What is over a limit of the receiver, counted in its unit by this test's own
    /// code.
    over: fn(&Rendered) -> Vec<String>,
    /// What its users would see.
    read: fn(&Rendered) -> Seen,
    /// The longest link that there is room for in the full form, in bytes.
    link_bytes_max: usize,
}

/// Every format that is made for people.
const RECEIVERS: &[Receiver] = &[
    Receiver {
        name: "slack",
        format: || Format::Slack,
        write: of,
        over: limits::slack,
        read: readers::slack,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "discord",
        format: || Format::Discord,
        write: of,
        over: limits::discord,
        read: readers::discord,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "teams",
        format: || Format::Teams,
        write: of,
        over: limits::teams,
        read: readers::teams,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "mattermost",
        format: || Format::Mattermost,
        write: of,
        over: limits::mattermost,
        read: readers::mattermost,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "matrix",
        format: || Format::Matrix {
            room: "!room:example.org".into(),
            token: Secret::new("syt_token".into()),
        },
        write: of,
        over: limits::matrix,
        read: readers::matrix,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "telegram",
        format: || Format::Telegram {
            chat: "-1001234567890".into(),
        },
        write: of,
        over: limits::telegram,
        read: readers::telegram,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "ntfy",
        format: || Format::Ntfy { token: None },
        write: of,
        over: services::ntfy_over,
        read: services::ntfy,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "gotify",
        format: || Format::Gotify { token: token() },
        write: of,
        over: services::gotify_over,
        read: services::gotify,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "pushover",
        format: || Format::Pushover {
            token: token(),
            user: token(),
        },
        write: of,
        over: services::pushover_over,
        read: services::pushover,
        link_bytes_max: 700,
    },
    Receiver {
        name: "pagerduty",
        format: || Format::PagerDuty {
            routing_key: token(),
        },
        write: of,
        over: services::pagerduty_over,
        read: services::pagerduty,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "alertmanager",
        format: || Format::Alertmanager {
            resolve_after: SignedDuration::from_hours(1),
        },
        write: of,
        over: services::alertmanager_over,
        read: services::alertmanager,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "apprise",
        format: || Format::Apprise {
            urls: Vec::new(),
            tags: Vec::new(),
        },
        write: of,
        over: services::apprise_over,
        read: services::apprise,
        link_bytes_max: usize::MAX,
    },
    Receiver {
        name: "letter",
        // Letters are no format of a webhook.
        format: || Format::Standard,
        write: services::written_letter,
        over: services::letter_over,
        read: services::letter,
        link_bytes_max: usize::MAX,
    },
];

fn of(format: &Format, task: Task<'_>) -> Rendered {
    render(format, task).unwrap()
}

fn token() -> Secret {
    Secret::new("token".into())
}

impl Receiver {
    fn render(&self, payload: &[u8], plain: bool) -> Rendered {
        let delivery = Delivery {
            id: DeliveryId("msg_1_chat".into()),
            alert: AlertId("1".into()),
            sink: SinkName::new("chat").unwrap(),
            seq: 1,
            payload: payload.to_vec(),
            created_at: Timestamp::UNIX_EPOCH,
            attempts: 0,
            plain,
        };
        let url = Url::parse("https://chat.example.org/hooks/1").unwrap();
        let task = Task {
            url: &url,
            delivery: &delivery,
            plain,
            now: Timestamp::UNIX_EPOCH,
        };
        (self.write)(&(self.format)(), task)
    }
}
