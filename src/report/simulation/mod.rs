//! `simulate`: a load that was played on one deployment, or on two beside each other.

mod csv;
mod human;
mod json;
mod view;

pub use csv::simulation_csv;
pub use human::simulation_human;
pub(super) use json::SimulationsDocument;
pub use json::simulation_json;
pub use view::SimulationView;
pub(super) use view::{duration, outage_in_words};
