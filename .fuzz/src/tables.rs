//! Parquet: requests in whatever calls itself a table, and tables that are written and read back.

use crate::given::path;
use crate::requests::as_json;
use crate::store::damage;
use std::fs::File;
use std::sync::OnceLock;
use syncgate::batch::Requests;
use syncgate::columnar::{ColumnRun, RowWriter, TableCell, TableColumn, TableReader};

/// A file in memory that holds these bytes.
fn file(bytes: &[u8]) -> File {
    let path = path("table.parquet");
    std::fs::write(&path, bytes).expect("a file can be written");
    let file = File::open(&path).expect("a file can be opened");
    std::fs::remove_file(&path).expect("a file can be removed");
    file
}

/// A table as it is, or a sound one of which six bytes at a time say what happens to it.
pub fn parquet(bytes: &[u8]) {
    let table = if bytes.starts_with(b"PAR1") {
        bytes.to_vec()
    } else {
        let mut table = sound().clone();
        for step in bytes.as_chunks::<6>().0.iter().take(64) {
            damage(&mut table, *step);
        }
        table
    };
    let answers = || as_json(Requests::table("fuzz", file(&table)), 1);
    assert_eq!(answers(), answers(), "the same bytes, and other answers");
}

/// A table of requests.
fn sound() -> &'static Vec<u8> {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let names = ["operation", "channel", "customer"].map(TableColumn::Text);
        let columns = [&[TableColumn::Number("id")][..], &names].concat();
        let mut writer = RowWriter::new(Vec::new(), &columns).expect("memory takes everything");
        for number in 0..40 {
            let customer = if number % 3 == 0 { "pending" } else { "synced" };
            let texts = ["edit-customer", "houston", customer].map(|it| it.to_owned());
            let row = [TableCell::Number(number)].into_iter();
            let row = row.chain(texts.map(TableCell::Text)).collect();
            writer.row(row).expect("memory takes everything");
        }
        writer.finish().expect("memory takes everything")
    })
}

/// The columns of the table that is written.
const COLUMNS: [TableColumn; 3] =
    [TableColumn::Text("text"), TableColumn::Number("number"), TableColumn::Flag("flag")];

pub fn table(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let rows: Vec<[TableCell; 3]> = text.lines().map(row).collect();
    let mut writer = RowWriter::new(Vec::new(), &COLUMNS).expect("memory takes everything");
    for row in &rows {
        writer.row(row.to_vec()).expect("memory takes everything");
    }
    let written = writer.finish().expect("memory takes everything");
    let mut reader = TableReader::open("fuzz", file(&written)).expect("what is written is a table");
    assert_eq!(reader.names(), ["text", "number", "flag"]);
    reader.ask(vec![0, 1, 2]).expect("all its columns are readable");
    let mut read = 0;
    while let Some(run) = reader.next_run().expect("what is written is read") {
        for (number, column) in run.columns.iter().enumerate() {
            for at in 0..run.rows {
                assert_eq!(cell(column, at), rows[read + at][number], "row {}", read + at);
            }
        }
        read += run.rows;
    }
    assert_eq!(read, rows.len());
}

/// A row that a line stands for: the line, its number and whether it has one, or none of them.
fn row(line: &str) -> [TableCell; 3] {
    if line.is_empty() {
        return [TableCell::Null, TableCell::Null, TableCell::Null];
    }
    let number = line.parse().map_or(TableCell::Null, TableCell::Number);
    [TableCell::Text(line.to_owned()), number, TableCell::Flag(line.len() % 2 == 0)]
}

fn cell(column: &ColumnRun, at: usize) -> TableCell {
    let text = |bytes: &[u8]| TableCell::Text(String::from_utf8_lossy(bytes).into_owned());
    match column {
        ColumnRun::Codes(codes, _) if codes[at] == ColumnRun::NULL => TableCell::Null,
        ColumnRun::Codes(codes, known) => text(known[codes[at] as usize].data()),
        ColumnRun::Texts(texts) => texts[at].as_ref().map_or(TableCell::Null, |it| text(it.data())),
        ColumnRun::Numbers(numbers) => numbers[at].map_or(TableCell::Null, TableCell::Number),
        ColumnRun::Flags(flags) => flags[at].map_or(TableCell::Null, TableCell::Flag),
    }
}
