//! `template`: what the operator's template writes.
//!
//! It is given the stored payload as it is, and the texts of a message as people
//! read it. There is no plainer form: nobody but the operator knows one.

use super::text::View;
use super::{RenderError, Rendered, Task, plain_lines};
use crate::alert::message::Message;
use crate::config::TemplateFormat;
use crate::fetch::Verb;
use crate::template::data;

/// Writes what the template makes of a message.
pub(super) fn render(task: Task<'_>, format: &TemplateFormat) -> Result<Rendered, RenderError> {
    let payload = &task.delivery.payload;
    let view = View::of(&Message::read(payload)?);
    let data = data(payload, &task.delivery.id.0, &plain_lines(&view))?;
    let body = format.template.render(&data)?;
    Ok(Rendered {
        verb: if format.put { Verb::Put } else { Verb::Post },
        url: task.url.clone(),
        content_type: format.content_type.clone().into(),
        headers: Vec::new(),
        body,
    })
}
