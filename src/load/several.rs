//! Reading several files at once: parsing and reading them is the greatest part of loading rules.

use super::reader::{MAX_RECORDS, RawSections, Reader};
use crate::diagnostic::{FileId, Finding};
use crate::model::format::Format;
use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Less text than this is read before a thread is up.
const WORTH_A_THREAD: usize = 64 << 10;

/// A file to read.
pub(super) struct FilePart<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    /// The one section that it may hold, where it may not hold all.
    pub(super) only: Option<&'t str>,
}

/// What was read, what was found, and how many records were counted.
struct Read {
    raw: RawSections,
    findings: Vec<Finding>,
    counted: usize,
}

/// Reads files by a format, large ones on two threads; what comes out is what reading them in order
/// gives.
pub(super) fn read_all(
    format: &Format,
    parts: &[FilePart<'_>],
    findings: &mut Vec<Finding>,
) -> RawSections {
    let bytes: usize = parts.iter().map(|part| part.text.len()).sum();
    let at_once = (parts.len() > 1 && bytes >= WORTH_A_THREAD).then(|| read_at_once(format, parts));
    // Which record is the first too many can only be told in order.
    let in_order = |read: &Read| read.counted <= MAX_RECORDS;
    let read = at_once.filter(in_order).unwrap_or_else(|| read_in_order(format, parts));
    findings.extend(read.findings);
    read.raw
}

fn read_in_order(format: &Format, parts: &[FilePart<'_>]) -> Read {
    let mut findings = Vec::new();
    let mut raw = RawSections::new(format);
    let mut reader = Reader::new(format, None, &mut findings);
    for part in parts {
        let allowed = |id: &str| part.only.is_none_or(|only| only == id);
        reader.read(part.file, part.text, &mut raw, |section| allowed(&section.id));
    }
    let counted = reader.counted;
    Read { raw, findings, counted }
}

/// Each file by itself, on this thread and another, the largest first so that both end together.
fn read_at_once(format: &Format, parts: &[FilePart<'_>]) -> Read {
    let mut order: Vec<(usize, &FilePart<'_>)> = parts.iter().enumerate().collect();
    order.sort_by_key(|(_, part)| Reverse(part.text.len()));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((number, part)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*number, read_in_order(format, std::slice::from_ref(*part))));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut done = work();
        done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done
    });
    done.sort_by_key(|(number, _)| *number);
    let mut all = Read { raw: RawSections::new(format), findings: Vec::new(), counted: 0 };
    for (_, read) in done {
        all.raw.append(read.raw);
        all.findings.extend(read.findings);
        all.counted += read.counted;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::load::rules::format::rules;

    fn added(texts: &[String]) -> (Sources, Vec<FileId>) {
        let mut files = Sources::default();
        let ids = texts.iter().map(|text| files.add("a.toml".into(), text.clone(), None)).collect();
        (files, ids)
    }

    fn parts<'t>(files: &'t Sources, ids: &[FileId]) -> Vec<FilePart<'t>> {
        ids.iter()
            .map(|file| FilePart { file: *file, text: files.text(*file), only: None })
            .collect()
    }

    fn in_order_and_at_once(texts: &[String]) -> [(String, usize); 2] {
        let (files, ids) = added(texts);
        let parts = parts(&files, &ids);
        let format = rules();
        [read_in_order(&format, &parts), read_at_once(&format, &parts)]
            .map(|read| (format!("{:?} {:?}", read.raw, read.findings), read.counted))
    }

    #[test]
    fn files_read_at_once_are_as_those_read_in_order() {
        let rules = crate::model::Rules::embedded();
        let whole: Vec<String> = rules.files.files().iter().map(|file| file.text.clone()).collect();
        // Cut anywhere, so that there is something to find in every file.
        let cut: Vec<String> = whole
            .iter()
            .map(|text| {
                text.chars()
                    .take(text.chars().count() * 2 / 3)
                    .chain("\n[unknown]\n".chars())
                    .collect()
            })
            .collect();
        for texts in [&whole, &cut] {
            let [in_order, at_once] = in_order_and_at_once(texts);
            assert_eq!(in_order, at_once);
        }
        assert!(
            in_order_and_at_once(&cut)[0].0.contains("unknown"),
            "nothing was found in files that are cut"
        );
    }

    #[test]
    fn the_first_record_too_many_is_told_however_files_are_read() {
        let half = "[[document]]\n".repeat(MAX_RECORDS / 2 + 1);
        let texts = [half.clone(), half];
        let (files, ids) = added(&texts);
        let parts = parts(&files, &ids);
        let mut findings = Vec::new();
        read_all(&rules(), &parts, &mut findings);
        let told: Vec<_> =
            findings.iter().filter(|finding| finding.message.contains("more than")).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].span.unwrap().file, ids[1]);
    }
}
