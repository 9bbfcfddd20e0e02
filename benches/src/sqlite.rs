//! The peer of the store: SQLite with what makes it fast.

use rusqlite::{Connection, Result, Statement, params};
use std::path::Path;
use syncgate::ledger::{BlockKind, NameKind};

/// Rows for SQLite, each kind in the order of its keys.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Rows of blocks: kind, number, bytes.
    pub blocks: Vec<(BlockKind, i64, Vec<u8>)>,
    /// Names: kind, hash, slot.
    pub names: Vec<(NameKind, i64, i64)>,
    /// GUIDs with their slots.
    pub guids: Vec<([u8; 16], i64)>,
    /// Texts: kind, number, text.
    pub texts: Vec<(i64, i64, Option<String>)>,
    /// The journal: first row, bytes.
    pub journal: Vec<(i64, Vec<u8>)>,
}

/// A database that is written in batches.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// A new database: a write-ahead log large enough that checkpoints are rare, one sync for each
    /// commit, no other process to lock out, a page cache larger than is needed.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn create(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA page_size = 4096; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 100000;
             PRAGMA cache_size = -524288;",
        )?;
        for kind in BlockKind::ALL {
            let sql = format!(
                "CREATE TABLE \"{kind}\" (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)"
            );
            connection.execute_batch(&sql)?;
        }
        for kind in NameKind::ALL {
            let sql = format!(
                "CREATE TABLE \"{kind}-names\" (hash INTEGER PRIMARY KEY, slot INTEGER NOT NULL)"
            );
            connection.execute_batch(&sql)?;
        }
        connection.execute_batch(
            "CREATE TABLE guids (guid BLOB PRIMARY KEY, slot INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE texts (
                 kind INTEGER, number INTEGER, text TEXT, PRIMARY KEY (kind, number)
             ) WITHOUT ROWID;
             CREATE TABLE journal (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);",
        )?;
        Ok(Self { connection })
    }

    /// Writes a batch in one transaction, by prepared statements.
    ///
    /// # Errors
    ///
    /// What SQLite says.
    pub fn keep(&mut self, rows: &Rows) -> Result<()> {
        let transaction = self.connection.transaction()?;
        for kind in BlockKind::ALL {
            let sql = format!("INSERT OR REPLACE INTO \"{kind}\" VALUES (?1, ?2)");
            let mut insert = transaction.prepare(&sql)?;
            for (_, number, bytes) in rows.blocks.iter().filter(|(of, _, _)| of == kind) {
                insert.execute(params![number, bytes])?;
            }
        }
        for kind in NameKind::ALL {
            let mut insert =
                transaction.prepare(&format!("INSERT INTO \"{kind}-names\" VALUES (?1, ?2)"))?;
            for (_, hash, slot) in rows.names.iter().filter(|(of, _, _)| of == kind) {
                insert.execute(params![hash, slot])?;
            }
        }
        put(transaction.prepare("INSERT INTO guids VALUES (?1, ?2)")?, &rows.guids)?;
        let mut text = transaction.prepare("INSERT OR REPLACE INTO texts VALUES (?1, ?2, ?3)")?;
        for (kind, number, value) in &rows.texts {
            text.execute(params![kind, number, value])?;
        }
        drop(text);
        let mut journal = transaction.prepare("INSERT INTO journal VALUES (?1, ?2)")?;
        for (number, bytes) in &rows.journal {
            journal.execute(params![number, bytes])?;
        }
        drop(journal);
        transaction.commit()
    }
}

fn put(mut insert: Statement<'_>, guids: &[([u8; 16], i64)]) -> Result<()> {
    for (guid, slot) in guids {
        insert.execute(params![guid, slot])?;
    }
    Ok(())
}
