//! Evidence: a pack of a deployment, its rules and all that follows from them, which anyone can
//! recompute.
//!
//! A pack is a zip of files that are made of others in it: findings, decisions and the page follow
//! from the deployment, the rules and the checks. What does not follow from them, such as the
//! exports that a deployment was made of, stands there by its digest. The same input gives the same
//! bytes.

mod apart;
mod material;
mod pack;
mod parts;
mod verify;

pub use apart::Apart;
pub use material::{Bound, Material, Unfit};
pub use pack::{Beside, ExportDigest, Packed, pack};
pub use verify::{NoPack, recompute};
