//! Whether a Dynamics 365 Commerce customer operation completes in headquarters (`sync`), is kept
//! in the channel for the jobs (`async`), or does not happen (`rejected`): a rules engine whose
//! rules are data, and proved.
//!
//! ```
//! use syncgate::engine::Engine;
//! use syncgate::model::{Customer, Deployment, Outcome, Rules, Situation};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rules = Rules::embedded();
//! let loaded = Deployment::load("fixtures/deployments/contoso")?; // Err: the files can't be read
//! for finding in loaded.findings() {
//!     eprintln!("{finding}");
//! }
//! let deployment = loaded.valid()?; // Err: the findings
//! let engine = Engine::new(&rules, deployment)?; // Send + Sync; no I/O from here on
//! let houston = engine.channel("houston")?; // Err: the nearest name
//! let issue = engine.operation("issue-loyalty-card")?;
//! let now = Situation::default().customer(Customer::Pending);
//! let decision = houston.decide(issue, now)?; // Copy; allocates nothing
//! println!("{} by {}: {}", decision.outcome(), decision.rule(), decision.reason());
//! for change in houston.trace(issue, now)?.would_change() {
//!     println!("unless {change}");
//! }
//! assert_eq!(decision.outcome(), Outcome::Rejected);
//! # Ok(())
//! # }
//! ```
//!
//! # The house
//!
//! Arrows point from user to used; nothing points back.
//!
//! ```text
//!  main ─▶ cli ──────┬─▶ report ─▶ whatif ──▶ engine, check ─▶ features ─┐
//!  (shell: files,    ├─▶ store ──▶ lifecycle ─▶ engine, ledger           ├─▶ model ─▶ diagnostic
//!   clock, terminal, ├─▶ wire ───▶ lifecycle, engine                     │
//!   exit status)     └─▶ load ───▶ check, features ──────────────────────┘
//! ```
//!
//! - [`model`] is the vocabulary: facts, operations, features, jobs, deployments, decisions.
//! - [`diagnostic`] has findings, spans and codes. The model uses its spans, so that every record
//!   knows its place.
//! - [`load`] turns TOML into valid types, raw → valid, and tells every mistake; the only one that
//!   knows `toml`, and the one place of the core that reads files. It asks `features` for cycles
//!   and `check` for the facts that checks may use.
//! - [`features`] answers for prerequisites: closure, order, effective states, and the jobs that
//!   bring them to the channels; the only one that knows `petgraph`.
//! - [`engine`] is one decision: it folds a deployment's facts into the rules, looks decisions up,
//!   walks them for a trace, and proves the rules over their whole space.
//! - [`check`] runs go-live checks, levels, waivers, the verdict.
//! - [`whatif`] is many decisions beside each other: channels that behave alike, two deployments
//!   compared, the steps that turn features on or off.
//! - `import` (feature `import`) turns what headquarters exports into a deployment; the only one
//!   that knows zip, workbooks and XML.
//! - `wire` (feature `report`) has JSON Lines: requests, events, decisions.
//! - `report` (feature `report`) has one small renderer for each output format.
//! - `ledger` (feature `store`) is what is kept, as values: rows, blocks, queue, journal.
//! - `lifecycle` (feature `store`) is what happens to it, the life of customers, queues and jobs: a
//!   pure state machine.
//! - `scenario` (feature `store`) plays scenarios over that machine in memory, and compares each
//!   step.
//! - `store` (feature `store`) keeps it in a redb file; the only one that knows `redb`.
//! - `cli` (feature `cli`) has one file for each subcommand.
//!
//! The rules stand in `rules/*.toml`, embedded here and replaceable. A decision table has a cell of
//! 16 bits for each operation and situation; channels whose facts agree share one. What a rule says
//! beyond its outcome is looked up by the rule's number only when it is asked for.
//!
//! # Deliberately absent
//!
//! - No expression language: a condition is an equality, a list of values or a bound, so that
//!   spaces stay finite and every rule can be proved.
//! - No clock, no randomness, no environment in the core: "now" is the deployment's `as-of`.
//! - No network: nothing talks to headquarters; a deployment is what people or exports wrote down.
//! - No inference from missing values: decisions use documented defaults, checks say that they are
//!   undecided.
//! - No asynchronous runtime and no threads in the core: a decision is a lookup, an engine is
//!   shared by reference.

pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnostic;
pub mod digest;
pub mod engine;
pub mod features;
#[cfg(feature = "import")]
pub mod import;
#[cfg(feature = "store")]
pub mod ledger;
#[cfg(feature = "store")]
pub mod lifecycle;
pub mod load;
pub mod model;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "store")]
pub mod scenario;
#[cfg(feature = "store")]
pub mod store;
pub mod whatif;
#[cfg(feature = "report")]
pub mod wire;
