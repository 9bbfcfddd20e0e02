//! Whether a Dynamics 365 Commerce customer operation completes in headquarters (`sync`), is kept
//! in the channel for the jobs (`async`), or does not happen (`rejected`): a rules engine whose
//! rules are data, and proved.
//!
//! ```
//! use syncgate::{Customer, Deployment, Engine, Rules, Situation};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let rules = Rules::embedded();
//!     let loaded = Deployment::load("fixtures/deployments/contoso")?; // Err: files can't be read
//!     for finding in loaded.findings() {
//!         eprintln!("{finding}");
//!     }
//!     let deployment = loaded.valid()?; // Err: the findings
//!     let engine = Engine::new(&rules, deployment)?; // Send + Sync; no I/O from here on
//!     let houston = engine.channel("houston")?; // Err: the nearest name
//!     let issue = engine.operation("issue-loyalty-card")?;
//!     let now = Situation::default().customer(Customer::Pending);
//!     let decision = houston.decide(issue, now)?; // Copy; allocates nothing
//!     println!("{} by {}: {}", decision.outcome(), decision.rule(), decision.reason());
//!     for change in houston.trace(issue, now)?.would_change() {
//!         println!("unless {change}");
//!     }
//!     println!("{}", loaded.check().verdict); // go, no-go or undecided
//!     Ok(())
//! }
//! ```
//!
//! With the feature `store`, `Store` reads what `syncgate replay` has kept.
//!
//! # The house
//!
//! A room is a directory or a file here. It uses the rooms behind its arrow and knows the crates
//! behind the dot, no others; arrows point down only. A test reads this drawing and the sources.
//!
//! ```text
//! main       ─▶ cli
//! cli        ─▶ batch check columnar diagnostic digest engine evidence foreign import load lsp
//!               model report scenario simulate store whatif wire · anstream clap clap_complete
//!               clap_mangen indicatif jiff serde_json tempfile terminal_size
//! batch      ─▶ columnar engine model report wire · csv foldhash memchr serde_json thiserror
//! columnar   ─▶ foreign · bytes parquet thiserror
//! lsp        ─▶ check diagnostic load model report · gen_lsp_types memchr percent_encoding serde
//!               serde_json toml_parser
//! evidence   ─▶ check diagnostic digest engine import load model report whatif · schemars serde
//!               serde_json thiserror zip
//! report     ─▶ check diagnostic digest engine features import ledger load model scenario simulate
//!               store whatif wire · annotate_snippets anstream anstyle csv data_encoding jiff maud
//!               percent_encoding quick_junit schemars serde serde_json strsim thiserror
//! import     ─▶ check diagnostic digest foreign load model wire · calamine foldhash jiff memchr
//!               quick_xml thiserror zip
//! simulate   ─▶ diagnostic engine ledger lifecycle load model · jiff serde_json thiserror
//!               xxhash_rust
//! scenario   ─▶ diagnostic engine ledger lifecycle load model wire · serde_json
//! store      ─▶ diagnostic digest engine foreign ledger lifecycle load model wire · blake3 jiff
//!               postcard redb schemars serde serde_json thiserror uuid xxhash_rust
//! wire       ─▶ digest engine lifecycle model · csv foldhash memchr schemars serde serde_json
//!               thiserror
//! whatif     ─▶ check diagnostic engine features model · jiff thiserror
//! check      ─▶ diagnostic features load model · jiff
//! embedded   ─▶ load model · postcard
//! build      ─▶ load model · postcard
//! load       ─▶ diagnostic digest features model · jiff thiserror toml
//! lifecycle  ─▶ engine features ledger model · foldhash jiff uuid
//! ledger     ─▶ model · jiff thiserror xxhash_rust
//! engine     ─▶ diagnostic features model · thiserror
//! features   ─▶ model · jiff petgraph
//! model      ─▶ diagnostic · jiff serde strsim thiserror unicase unicode_normalization
//! diagnostic ─▶ digest · serde thiserror
//! digest     ─▶ · sha2
//! foreign    ─▶
//! ```
//!
//! - [`model`] is the vocabulary: facts, operations, features, jobs, deployments, decisions.
//! - [`diagnostic`] has findings, spans and codes. The model uses its spans, so that every record
//!   knows its place.
//! - [`load`] turns TOML into valid types, raw → valid, and tells every mistake; the only one that
//!   knows `toml`, and the one place of the core that reads files. It asks `features` for cycles.
//! - [`embedded`] has the rules that are part of this library. `build` is a program of its own,
//!   which cargo runs before it builds the library: it reads `rules/*.toml` by `load`, refuses
//!   mistakes, and leaves them bound, so that no program must parse what does not change.
//! - [`features`] answers for prerequisites: closure, order, effective states, and the jobs that
//!   bring them to the channels; the only one that knows `petgraph`.
//! - [`engine`] is one decision: it folds a deployment's facts into the rules, looks decisions up,
//!   walks them for a trace, and proves the rules over their whole space.
//! - [`check`] runs go-live checks, levels, waivers, the verdict.
//! - [`whatif`] is many decisions beside each other: channels that behave alike, two deployments
//!   compared, the steps that turn features on or off, test cases, and what was observed.
//! - `import` (feature `import`) turns what headquarters exports into a deployment; the only one
//!   that knows workbooks and XML.
//! - `wire` (feature `report`) has JSON Lines: requests, events, questions, decisions, and what was
//!   observed.
//! - `report` (feature `report`) is what people and machines read, by subject: one small renderer
//!   for each format of it, and schemas derived from the types that are written.
//! - `columnar` (feature `parquet`) is tables in Parquet; the only one that knows their crate.
//! - `batch` (feature `report`) is many requests from a file in one of several formats, decided in
//!   order by as many threads as are asked for.
//! - `evidence` (feature `import`) makes packs that anyone can recompute, and recomputes them; it
//!   knows zip as `import` does.
//! - `lsp` (feature `lsp`) is a language server without its streams: messages in, messages out. It
//!   reads what somebody is still writing, by the tokens that `toml` reads by.
//! - `ledger` (feature `store`) is what is kept, as values: rows, blocks, queue, journal.
//! - `lifecycle` (feature `store`) is what happens to it, the life of customers, queues and jobs: a
//!   pure state machine.
//! - `scenario` (feature `store`) plays scenarios over that machine in memory, and compares each
//!   step.
//! - `simulate` (feature `store`) plays a load over that machine in memory: what arrives at random,
//!   what fails, and what runs again and again.
//! - `store` (feature `store`) keeps it in a redb file; the only one that knows `redb`.
//! - `foreign` (features `store`, `import`, `parquet`) is where crates are called that a damaged
//!   file may make panic, and where it is known that this is so.
//! - `cli` (feature `cli`) has one file for each subcommand.
//!
//! The rules stand in `rules/*.toml`, embedded bound and replaceable as text. A decision table has
//! a cell of 16 bits for each operation and situation; channels whose facts agree share one. What a
//! rule says beyond its outcome is looked up by the rule's number only when it is asked for.
//!
//! # Words
//!
//! One word is one thing, and a type of the same name; a test keeps it so. What the product itself
//! calls something is called so here.
//!
//! - *rules*, `Rules`: a rule set, everything that is known of Dynamics 365; data, not code
//! - *rule*, `Rule`: conditions and how an operation ends where they hold
//! - *fact*, `Fact`: something known of a request, one of finitely many values
//! - *situation*, `Situation`: the facts that change from request to request
//! - *configuration*, `Configuration`: the facts that a channel's deployment fixes
//! - *operation*, `Operation`: what a person or a client asks for
//! - *decision*, `Decision`: the rule that decides an operation in a situation
//! - *decision table*, `DecisionTable`: the decisions of all operations in all situations
//! - *outcome*, `Outcome`: `sync`, `async` or `rejected`
//! - *reason*, `Reason`: why, in words for people
//! - *basis*, `Basis`: whether documents say so, or people have seen it
//! - *trace*, `Trace`: the rules that were tried for one decision, and what would change it
//! - *tried rule*, `TriedRule`: one of them
//! - *deployment*, `Deployment`: the configuration of one Commerce environment
//! - *section*, `Section`: the records of one kind in a file, and the keys they have
//! - *record*, `Record`: one of them, with its values
//! - *channel*, `Channel`: a store, an online store or a call center, ready to decide
//! - *feature*, `Feature`: what feature management turns on
//! - *prerequisites*, `Prerequisites`: which features and settings need which
//! - *edge*, `Edge`: one of these needs
//! - *job*, `Job`: a distribution schedule's job or a batch job
//! - *channel table*, `ChannelTable`: a table of channel databases, which subjobs carry
//! - *finding*, `Finding`: something to tell, with its place
//! - *check*, `Check`: a question to a deployment before it goes live
//! - *verdict*, `Verdict`: what all checks come to
//! - *matrix*, `Matrix`: the decisions of all channels, those that behave alike together
//! - *matrix row*, `MatrixRow`: an operation in the situations that it can't tell apart
//! - *difference*, `Difference`: what two deployments do not have in common
//! - *case*, `Case`: a request with the decision that it must get
//! - *observation*, `Observation`: a request with what really came of it
//! - *plan*, `Plan`: how to turn features on or off
//! - *plan step*, `PlanStep`: one thing to do on the way
//! - *scenario*, `Scenario`: a day to play, with what must come of it
//! - *event*, `Event`: something that happens at a till, in headquarters or in a job
//! - *question*, `Question`: what is asked between events, and changes nothing
//! - *machine*, `Machine`: what happens on an event
//! - *ledger*, `Ledger`: what is kept of all that happened
//! - *row*, `Row`: one thing that the ledger keeps: a customer, a document, a queued request
//! - *slot*, `Slot`: the number of a row among those of its kind
//! - *ledger step*, `LedgerStep`: what one event has changed in it
//! - *store*, `Store`: a ledger in a file
//! - *sealed table*, `SealedTable`: a table of that file, each record with its checksum
//! - *export*, `Export`: a table that headquarters can export, and what its columns mean
//! - *text table*, `TextTable`: columns of text, for people
//! - *data table*, `DataTable`: columns of values, for programs
//! - *behaviour*, `Behaviour`: how an operation ends in every situation, whichever channels it is
//!
//! # Files that use each other
//!
//! Inside a room files use each other in one direction. The exceptions, tested too:
//!
//! - `check/facts/jobs.rs`, `check/facts/mod.rs`: the table of facts names the functions that
//!   derive them, and they read the same facts
//! - `diagnostic/code.rs`, `diagnostic/mod.rs`: a code has a severity, a finding has a code
//! - `engine/decide.rs`, `engine/trace.rs`: a channel decides and traces, a trace keeps its channel
//! - `import/answers.rs`, `import/build/features.rs`, `import/build/mod.rs`, `import/mod.rs`,
//!   `import/write.rs`: an import is built, written and asked about in steps
//!   that all see the whole of it
//! - `import/read/delimited.rs`, `import/read/document.rs`, `import/read/json/mod.rs`,
//!   `import/read/json/scan.rs`, `import/read/mod.rs`, `import/read/sheet.rs`,
//!   `import/read/xml.rs`: a reader of one format gives the rows that all readers give
//! - `model/format.rs`, `model/relied.rs`: a format keeps where what the code reads stands, which
//!   says what a format must have
//! - `report/page/exceptions.rs`, `report/page/findings.rs`, `report/page/head.rs`,
//!   `report/page/mod.rs`, `report/page/overview.rs`, `report/page/pending.rs`,
//!   `report/page/portfolio.rs`, `report/page/provenance.rs`, `report/page/sign_off.rs`: the page
//!   is put together from sections that share its state
//! - `scenario/expect.rs`, `scenario/mod.rs`: a step is compared by what the player knows of it
//! - `whatif/cause.rs`, `whatif/compare.rs`: a comparison asks for causes, a cause is a comparison
//! - `whatif/plan/disable.rs`, `whatif/plan/enable.rs`, `whatif/plan/mod.rs`,
//!   `whatif/plan/needs.rs`: a plan tries its own steps in both directions
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

pub use check::{Checked, Verdict};
pub use diagnostic::{Finding, Severity};
pub use engine::{Channel, Decision, Engine, Trace};
pub use load::Loaded;
pub use model::{
    Basis, Connection, Customer, Deployment, Order, Outcome, RealTimeService, Rules, Situation,
};
#[cfg(feature = "store")]
pub use store::Store;

// What the names above are made of, and what the program shares with its tests and benchmarks: it
// changes as the house does.
#[cfg(feature = "report")]
#[doc(hidden)]
pub mod batch;
#[doc(hidden)]
pub mod check;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "parquet")]
#[doc(hidden)]
pub mod columnar;
#[doc(hidden)]
pub mod diagnostic;
#[doc(hidden)]
pub mod digest;
#[doc(hidden)]
pub mod embedded;
#[doc(hidden)]
pub mod engine;
#[cfg(feature = "import")]
#[doc(hidden)]
pub mod evidence;
#[doc(hidden)]
pub mod features;
#[cfg(any(feature = "store", feature = "import", feature = "parquet"))]
#[doc(hidden)]
pub mod foreign;
#[cfg(feature = "import")]
#[doc(hidden)]
pub mod import;
#[cfg(feature = "store")]
#[doc(hidden)]
pub mod ledger;
#[cfg(feature = "store")]
#[doc(hidden)]
pub mod lifecycle;
#[doc(hidden)]
pub mod load;
#[cfg(feature = "lsp")]
#[doc(hidden)]
pub mod lsp;
#[doc(hidden)]
pub mod model;
#[cfg(feature = "report")]
#[doc(hidden)]
pub mod report;
#[cfg(feature = "store")]
#[doc(hidden)]
pub mod scenario;
#[cfg(feature = "store")]
#[doc(hidden)]
pub mod simulate;
#[cfg(feature = "store")]
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod whatif;
#[cfg(feature = "report")]
#[doc(hidden)]
pub mod wire;
