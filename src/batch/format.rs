//! The formats of requests and of answers.

use crate::model::words;
use std::path::Path;

words! {
    /// How many requests, or their answers, stand in a file.
    BatchFormat {
        /// JSON Lines.
        Jsonl = "jsonl",
        /// CSV with headings.
        Csv = "csv",
        /// Parquet.
        Parquet = "parquet",
    }
}

impl BatchFormat {
    /// The format that the ending of a name says; `None` where it says none of them.
    pub fn by_ending(path: &str) -> Option<Self> {
        let ending = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}
