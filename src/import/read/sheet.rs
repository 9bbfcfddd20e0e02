//! Workbooks, such as the grid of Feature management that was exported to Excel.

use super::row::RowOf;
use super::text::Bytes;
use super::{Head, MAX_ABOVE, MAX_COLUMNS, MAX_FIELD, Problem, Visit};
use crate::foreign;
use calamine::{DataRef, Reader as _, SheetType, Xlsx};

/// No sheet has more rows, or more columns: what names others is no workbook.
const MAX_SHEET: (u32, u32) = (1 << 20, 1 << 14);

/// Has its crate read something of a workbook, over which that may panic: it does not expect every
/// number that may stand in one.
fn below<T>(read: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    foreign::call(true, read).unwrap_or(Err(Problem::Workbook))
}

/// The cells of a sheet that say something: of each row its number, and the columns of its cells.
#[derive(Debug, Default)]
pub(in crate::import) struct Sheet {
    rows: Vec<(u32, Vec<(usize, String)>)>,
}

/// How wide a row is: no heading stands farther right than a table has columns, but for a table
/// that has too many, which is told by its width.
fn width(cells: &[(usize, String)]) -> usize {
    let reach = cells.iter().map(|(column, _)| column + 1).fold(0, usize::max);
    reach.min(MAX_COLUMNS).max(cells.len())
}

/// The sheets of a workbook by name.
pub(in crate::import) fn sheets(bytes: &mut dyn Bytes) -> Result<Vec<(String, Sheet)>, Problem> {
    let mut workbook: Xlsx<_> = below(|| Xlsx::new(bytes).map_err(|_| Problem::Workbook))?;
    let mut sheets = Vec::new();
    let all = workbook.sheets_metadata().to_vec();
    // Others hold charts or macros, and no cells.
    for name in
        all.into_iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|one| one.name)
    {
        // Cells are read one by one: a sheet with one cell in its farthest corner has only one.
        let mut reader =
            below(|| workbook.worksheet_cells_reader(&name).map_err(|_| Problem::Workbook))?;
        let mut sheet = Sheet::default();
        while let Some(cell) = below(|| reader.next_cell().map_err(|_| Problem::Workbook))? {
            let (row, column) = cell.get_position();
            let Some(text) = below(|| Ok(plain(cell.get_value())))? else { continue };
            sheet.cell((row, column), text)?;
        }
        sheets.push((name, sheet));
    }
    Ok(sheets)
}

impl Sheet {
    /// Adds a cell, whose row and column are counted from 0.
    fn cell(&mut self, (row, column): (u32, u32), text: String) -> Result<(), Problem> {
        // Rows are told as lines, and a text with as many is made of them.
        if row >= MAX_SHEET.0 || column >= MAX_SHEET.1 {
            return Err(Problem::Workbook);
        }
        let (line, column) = (row + 1, column as usize);
        if text.len() > MAX_FIELD {
            return Err(Problem::Field { line });
        }
        match self.rows.last_mut() {
            Some((last, cells)) if *last == line => cells.push((column, text)),
            _ => self.rows.push((line, vec![(column, text)])),
        }
        Ok(())
    }

    /// The first rows, as wide as their cells reach.
    pub(super) fn top(&self) -> Vec<Vec<String>> {
        let row = |(_, cells): &(u32, Vec<(usize, String)>)| {
            let mut row = vec![String::new(); width(cells)];
            for (column, text) in cells {
                row.get_mut(*column).into_iter().for_each(|place| text.trim().clone_into(place));
            }
            row
        };
        self.rows.iter().take(MAX_ABOVE).map(row).collect()
    }

    pub(super) fn each(&self, head: Head, visit: &mut Visit<'_>) {
        let mut row = RowOf::default();
        for (number, (line, cells)) in self.rows.iter().enumerate() {
            if head.covers(number) {
                continue;
            }
            row.clear();
            for (column, text) in cells.iter().filter(|(column, _)| *column < MAX_COLUMNS) {
                row.set(*column, text);
            }
            visit(*line, Some(row.row()));
        }
    }
}

/// A cell as text.
fn plain(value: &DataRef<'_>) -> Option<String> {
    match value {
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => Some(number.to_string()),
        // A time of day alone is no moment, and is told as that.
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Some(text.clone())
        }
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::Bool(value) => Some(value.to_string()),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
        }
        DataRef::DateTime(moment) => Some(moment.as_f64().to_string()),
        DataRef::Error(error) => Some(error.to_string()),
        DataRef::Empty => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_where_a_sheet_has_rows_and_columns() {
        let (rows, columns) = MAX_SHEET;
        let cell = |place| Sheet::default().cell(place, "x".to_owned());
        assert!(cell((0, 0)).is_ok() && cell((rows - 1, columns - 1)).is_ok());
        for place in [(rows, 0), (u32::MAX, 0), (0, columns), (0, u32::MAX)] {
            assert!(matches!(cell(place), Err(Problem::Workbook)), "{place:?}");
        }
    }

    #[test]
    fn a_panic_over_a_workbook_is_told_as_its_damage() {
        let panics = below(|| -> Result<(), Problem> { panic!("a number is too large") });
        assert!(matches!(panics, Err(Problem::Workbook)));
    }
}
