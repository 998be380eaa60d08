//! The agenda: which feeds may be polled now, host by host.
