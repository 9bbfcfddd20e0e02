//! Workbooks, such as the grid of Feature management that was exported to Excel.

use super::{Cells, Problem};
use calamine::{DataRef, Reader as _, Xlsx};
use std::io::Cursor;

/// The sheets of a workbook by name, without those that have no row below their headings.
pub(in crate::import) fn sheets(bytes: &[u8]) -> Result<Vec<(String, Cells)>, Problem> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| Problem::Workbook)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        // Cells are read one by one: a sheet with one cell in its farthest corner has only one.
        let Ok(mut reader) = workbook.worksheet_cells_reader(&name) else { continue };
        let mut rows: Vec<(u32, Vec<(usize, String)>)> = Vec::new();
        while let Some(cell) = reader.next_cell().map_err(|_| Problem::Workbook)? {
            let (row, column) = cell.get_position();
            let Some(text) = plain(cell.get_value()) else { continue };
            let at = (column as usize, text);
            match rows.last_mut() {
                Some((last, cells)) if *last == row + 1 => cells.push(at),
                _ => rows.push((row + 1, vec![at])),
            }
        }
        sheets.extend(table(rows)?.map(|cells| (name, cells)));
    }
    Ok(sheets)
}

/// The rows below the headings; columns that have no heading are left out.
fn table(rows: Vec<(u32, Vec<(usize, String)>)>) -> Result<Option<Cells>, Problem> {
    let mut rows = rows.into_iter().skip_while(|(_, cells)| cells.len() < 2);
    let Some((_, headings)) = rows.next() else { return Ok(None) };
    let columns: Vec<usize> = headings.iter().map(|(column, _)| *column).collect();
    let headings = headings.into_iter().map(|(_, heading)| heading.trim().to_owned()).collect();
    let mut cells = Cells::with_headings(headings);
    for (line, row) in rows {
        let row = row
            .into_iter()
            .filter_map(|(column, text)| Some((columns.binary_search(&column).ok()?, text)));
        cells.row(line, row.collect())?;
    }
    Ok(Some(cells))
}

/// A cell as text.
fn plain(value: &DataRef<'_>) -> Option<String> {
    match value {
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => Some(number.to_string()),
        DataRef::String(text) | DataRef::DateTimeIso(text) => Some(text.clone()),
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::Bool(value) => Some(value.to_string()),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
        }
        DataRef::DateTime(_) | DataRef::DurationIso(_) | DataRef::Error(_) | DataRef::Empty => None,
    }
}
