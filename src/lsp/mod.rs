//! A language server for the TOML files of deployments, checks of one's own, rules and scenarios:
//! messages in, messages out, without files or streams of its own.
//!
//! A place in a text is found in its `outline`, which is there whatever is still missing in the
//! text, and means what the format of its file says (`shape`). What is wrong is found by those who
//! find it for `check`, in an [`Examination`] that can run beside the conversation, so that no
//! answer waits for it that does not need it.

mod actions;
mod address;
mod capabilities;
mod completion;
mod examine;
mod folder;
mod hover;
mod ids;
mod message;
mod names;
mod outline;
mod role;
mod server;
mod shape;
mod symbols;
mod text;
mod view;
mod watched;

pub use examine::{Examination, ExaminedFolder};
pub use folder::Disk;
pub use server::Server;
