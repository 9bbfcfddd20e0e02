//! Tables written row group by row group.

use super::coded::Coded;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnDescPtr, ColumnPath, SchemaDescriptor, Type};
use std::io::{self, Write};
use std::sync::Arc;

/// A column of a table, each of its values given or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableColumn {
    /// Text.
    Text(&'static str),
    /// Whole numbers.
    Number(&'static str),
    /// True or false.
    Flag(&'static str),
}

/// The values of a column in the rows of a row group.
#[derive(Clone, Debug)]
pub enum TableValues {
    /// Text.
    Texts(Vec<Option<ByteArray>>),
    /// Text, of which many rows have the same.
    Coded(Coded),
    /// Whole numbers.
    Numbers(Vec<Option<i64>>),
    /// True or false.
    Flags(Vec<Option<bool>>),
}

/// Writes a table.
pub struct TableWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: SchemaDescriptor,
}

impl<W: Write + Send> std::fmt::Debug for TableWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter").finish_non_exhaustive()
    }
}

/// What the crate says of writing; what it was given is right.
fn unwritten(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error.to_string()),
        },
        error => io::Error::other(error.to_string()),
    }
}

impl TableColumn {
    fn schema(self) -> Result<Type, ParquetError> {
        let (name, kind) = match self {
            Self::Text(name) => (name, Physical::BYTE_ARRAY),
            Self::Number(name) => (name, Physical::INT64),
            Self::Flag(name) => (name, Physical::BOOLEAN),
        };
        let built = Type::primitive_type_builder(name, kind).with_repetition(Repetition::OPTIONAL);
        if kind == Physical::BYTE_ARRAY {
            let text = built.with_logical_type(Some(LogicalType::String));
            return text.with_converted_type(ConvertedType::UTF8).build();
        }
        built.build()
    }
}

impl<W: Write + Send> TableWriter<W> {
    /// A table of these columns.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn new(to: W, columns: &[TableColumn]) -> io::Result<Self> {
        let fields: Result<Vec<_>, _> =
            columns.iter().map(|column| column.schema().map(Arc::new)).collect();
        let schema = fields
            .and_then(|fields| Type::group_type_builder("schema").with_fields(fields).build());
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Each row has another one.
            .set_column_dictionary_enabled(ColumnPath::from("id"), false)
            .set_created_by(concat!("syncgate ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let schema = Arc::new(schema.map_err(unwritten)?);
        let columns = SchemaDescriptor::new(Arc::clone(&schema));
        let writer = SerializedFileWriter::new(to, schema, Arc::new(properties));
        Ok(Self { writer: writer.map_err(unwritten)?, columns })
    }

    /// Adds a row group; `values` gives the values of each column, all as many, one column after
    /// the other, so that one at a time is in memory.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn group(&mut self, mut values: impl FnMut(usize) -> TableValues) -> io::Result<()> {
        let mut group = self.writer.next_row_group().map_err(unwritten)?;
        for (number, column) in self.columns.columns().iter().enumerate() {
            put(&mut group, column, values(number)).map_err(unwritten)?;
        }
        group.close().map(|_| ()).map_err(unwritten)
    }

    /// Ends the table.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(unwritten)
    }
}

fn put<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    described: &ColumnDescPtr,
    values: TableValues,
) -> Result<(), ParquetError> {
    match values {
        TableValues::Texts(values) => put_each::<ByteArrayType, W>(group, values),
        TableValues::Coded(coded) => {
            let (bytes, close) = coded.chunk(Arc::clone(described))?;
            group.append_column(&bytes, close)
        }
        TableValues::Numbers(values) => put_each::<Int64Type, W>(group, values),
        TableValues::Flags(values) => put_each::<BoolType, W>(group, values),
    }
}

/// Adds a column that the crate encodes.
fn put_each<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: Vec<Option<T::T>>,
) -> Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column =
        column.ok_or_else(|| ParquetError::General("more columns than are declared".to_owned()))?;
    let (given, levels) = given(values);
    column.typed::<T>().write_batch(&given, Some(&levels), None)?;
    column.close()
}

/// The values that are given, and whether each is.
fn given<T>(values: Vec<Option<T>>) -> (Vec<T>, Vec<i16>) {
    let levels = values.iter().map(|value| i16::from(value.is_some())).collect();
    (values.into_iter().flatten().collect(), levels)
}
