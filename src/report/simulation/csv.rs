//! `simulate --format csv`: hour by hour, so that several stack.

use super::view::SimulationView;
use crate::report::text::csv_text;
use crate::simulate::Hour;

/// `simulate --format csv`.
pub fn simulation_csv(views: &[SimulationView<'_>]) -> String {
    csv_text(|lines| {
        let header = ["deployment", "name", "hour", "sync", "async", "rejected"];
        lines.row(header.into_iter().chain(["real_time_calls", "peak_rows"]))?;
        for view in views {
            for (number, hour) in (0_u64..).zip(&view.simulated.counted.hours) {
                let Hour { decisions: [sync, asynchronous, rejected], calls, rows } = hour;
                let counts = [sync, asynchronous, rejected, calls, rows];
                let moment = view.moment((number * 3600).cast_signed());
                let place = [view.engine.deployment().path().to_owned(), view.name().to_owned()];
                let counts = counts.into_iter().map(u64::to_string);
                lines.row(place.into_iter().chain([moment]).chain(counts))?;
            }
        }
        Ok(())
    })
}
