//! What receivers get, and what their answers mean.

mod answers;
mod fixtures;
mod injection;
mod limits;
mod readers;
mod renders;
mod samples;
mod views;

use super::{Rendered, Task, render};
use crate::alert::AlertId;
use crate::config::{Format, Secret};
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryId};
use jiff::Timestamp;
use readers::Seen;
use url::Url;

/// A format with what its receivers refuse, and what they would show.
struct Receiver {
    name: &'static str,
    format: fn() -> Format,
    /// What is over a limit of the receiver, counted in its unit by this test's own
    /// code.
    over: fn(&Rendered) -> Vec<String>,
    /// What its users would see.
    read: fn(&Rendered) -> Seen,
}

/// Every format that is made for people.
const RECEIVERS: &[Receiver] = &[
    Receiver {
        name: "slack",
        format: || Format::Slack,
        over: limits::slack,
        read: readers::slack,
    },
    Receiver {
        name: "discord",
        format: || Format::Discord,
        over: limits::discord,
        read: readers::discord,
    },
    Receiver {
        name: "teams",
        format: || Format::Teams,
        over: limits::teams,
        read: readers::teams,
    },
    Receiver {
        name: "mattermost",
        format: || Format::Mattermost,
        over: limits::mattermost,
        read: readers::mattermost,
    },
    Receiver {
        name: "matrix",
        format: || Format::Matrix {
            room: "!room:example.org".into(),
            token: Secret::new("syt_token".into()),
        },
        over: limits::matrix,
        read: readers::matrix,
    },
    Receiver {
        name: "telegram",
        format: || Format::Telegram {
            chat: "-1001234567890".into(),
        },
        over: limits::telegram,
        read: readers::telegram,
    },
];

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
        };
        render(&(self.format)(), task).unwrap()
    }
}
