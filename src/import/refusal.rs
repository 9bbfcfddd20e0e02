//! Why an export is refused. Nothing of what it holds is ever quoted.

/// An input that can't be taken: nothing is imported then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is refused: {problem}")]
pub struct Refusal {
    /// The file, or the archive and the member in it.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Neither UTF-8 nor UTF-16.
    #[error("it is not text: {0}; export it again as UTF-8 or Unicode")]
    NotText(crate::load::text::NotText),
    /// What the system does not give.
    #[error("it can't be read: {0}")]
    Unreadable(String),
    /// More cells than can be kept.
    #[error("its cells are more than 4 GiB of text; export only what is asked for")]
    Cells,
    /// JSON that is none.
    #[error("it is not valid JSON, from line {line}, column {column} on; export it again")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// XML that is none.
    #[error("it is not valid XML, near line {line}; export it again")]
    Xml {
        /// The line, from 1.
        line: u32,
    },
    /// A document type declaration, which could expand without bound.
    #[error("it has a document type declaration, which no export has")]
    DocumentType,
    /// An archive or workbook that can't be read.
    #[error("it is not a whole archive; export or download it again")]
    Archive,
    /// A workbook that can't be read.
    #[error("it is not a whole workbook; save it again as .xlsx")]
    Workbook,
    /// A member whose path leads out of the archive.
    #[error("a member's path leads out of the archive")]
    Escape,
    /// A member that is too large.
    #[error("a member is larger than 64 MiB")]
    TooLarge,
    /// A member that grows too much.
    #[error("a member expands to more than 100 times its size")]
    Bomb,
    /// Members that are too large together.
    #[error("its members are larger than 1 GiB together")]
    TooMuch,
    /// An archive that is encrypted, or packed in an unusual way.
    #[error("it is encrypted, or packed in a way that is not read; save it as an ordinary zip")]
    Packed,
    /// An archive of too many members.
    #[error("it has more than 10,000 members")]
    Members,
    /// A table of too many columns.
    #[error("it has more than 1,024 columns, which no export has")]
    Columns,
    /// A text that ends within quotation marks.
    #[error(
        "its last row, from line {line} on, ends within quotation marks; the file was cut off, or \
            one mark is missing"
    )]
    Cut {
        /// The line, from 1.
        line: u32,
    },
    /// A field that is too long.
    #[error("line {line} has a field of more than 1 MiB; a quotation mark may be missing")]
    Field {
        /// The line or row, from 1.
        line: u32,
    },
}

impl Problem {
    /// The refusal of the input at `path`.
    pub(super) fn of(self, path: &str) -> Refusal {
        Refusal { path: path.to_owned(), problem: self }
    }
}
