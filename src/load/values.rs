//! Values of each kind, read from TOML.

use super::dates;
use super::names::KnownNames;
use super::reader::{RawRecord, RawValue, Reader, entries, into_record};
use crate::diagnostic::{Code, Finding};
use crate::model::format::{Kind, Section};
use crate::model::name::{fold, nearest};
use crate::model::{Placed, Record, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::{Datetime, Offset};

impl Reader<'_> {
    pub(super) fn raw_value(&mut self, kind: &Kind, value: &Spanned<DeValue<'_>>) -> RawValue {
        if self.is_damaged(&value.span())
            && !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_))
        {
            return RawValue::Faulty;
        }
        if let (Kind::OneOrMore(inner) | Kind::List(inner), DeValue::Array(values)) =
            (kind, value.get_ref())
        {
            return self.list(inner, values, value.span());
        }
        match self.value(kind, value) {
            Some(read) => RawValue::Given(Placed::new(read, self.span(value.span()))),
            None => RawValue::Faulty,
        }
    }

    fn list(
        &mut self,
        inner: &Kind,
        values: &[Spanned<DeValue<'_>>],
        range: Range<usize>,
    ) -> RawValue {
        let mut given = Vec::with_capacity(values.len());
        for value in values {
            if let RawValue::Given(placed) = self.raw_value(inner, value) {
                given.push(placed);
            }
        }
        let whole = given.len() == values.len();
        let list = Placed::new(Value::List(given), self.span(range));
        if whole { RawValue::Given(list) } else { RawValue::Partial(list) }
    }

    pub(super) fn value(&mut self, kind: &Kind, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let range = value.span();
        match (kind, value.get_ref()) {
            (Kind::OneOrMore(inner) | Kind::List(inner), DeValue::Array(values)) => {
                match self.list(inner, values, range) {
                    RawValue::Given(placed) => Some(placed.value),
                    RawValue::Absent | RawValue::Faulty | RawValue::Partial(_) => None,
                }
            }
            (Kind::OneOrMore(inner), _) => self.value(inner, value),
            (Kind::Comparison(section), DeValue::Table(table)) => self
                .record(section, table, range, None)
                .map(|raw| Value::Nested(self.nested(section, raw))),
            (Kind::Comparison(_), _) => self.value(&Kind::OneOrMore(Box::new(Kind::Scalar)), value),
            (Kind::Map(inner), DeValue::Table(table)) => self.map(inner, table),
            (Kind::Nested(section), DeValue::Table(table)) => self
                .record(section, table, range, None)
                .map(|raw| Value::Nested(self.nested(section, raw))),
            (Kind::Records(section), DeValue::Array(_)) => {
                let mut records = Vec::new();
                self.section_records(section, value, &mut records);
                Some(Value::Records(
                    records.into_iter().map(|raw| self.nested(section, raw)).collect(),
                ))
            }
            (_, DeValue::String(text)) => self.text_value(kind, text, range),
            (Kind::Boolean | Kind::Scalar, DeValue::Boolean(read)) => Some(Value::Boolean(*read)),
            (Kind::Integer { least, most }, DeValue::Integer(number)) => {
                self.integer(number, *least, *most, range).map(Value::Integer)
            }
            (Kind::Scalar, DeValue::Integer(number)) => {
                self.integer(number, i64::MIN, i64::MAX, range).map(Value::Integer)
            }
            (Kind::DateTime, DeValue::Datetime(read)) => {
                self.date_time(*read, range).map(Value::DateTime)
            }
            (Kind::Date, DeValue::Datetime(read)) => self.date(*read, range).map(Value::Date),
            (kind, other) => {
                self.wrong_type(&kind.expected(), other, range);
                None
            }
        }
    }

    pub(super) fn map(&mut self, inner: &Kind, table: &DeTable<'_>) -> Option<Value> {
        let mut read = Vec::new();
        let mut whole = true;
        for (key, value) in entries(table) {
            match self.raw_value(inner, value) {
                RawValue::Given(placed) => {
                    read.push((
                        Placed::new(key.get_ref().to_string(), self.span(key.span())),
                        placed,
                    ));
                }
                RawValue::Absent | RawValue::Faulty | RawValue::Partial(_) => whole = false,
            }
        }
        whole.then_some(Value::Map(read))
    }

    /// A record within a record: what is missing is told at once, since no other file can add it.
    pub(super) fn nested(&mut self, section: &Section, raw: RawRecord) -> Record {
        for (key, found) in section.keys.iter().zip(&raw.values) {
            if key.required && matches!(found, RawValue::Absent) {
                let message = format!("missing `{}` in `{}`", key.id, section.id);
                let finding =
                    Finding::new(Code::MISSING_KEY, message).at(raw.span).detail(key.id.clone());
                self.findings.push(finding.help(format!("add `{} = …`: {}", key.id, key.text)));
            }
        }
        into_record(raw, section)
    }

    pub(super) fn text_value(
        &mut self,
        kind: &Kind,
        text: &str,
        range: Range<usize>,
    ) -> Option<Value> {
        let ended = text.contains('\r').then(|| text.replace("\r\n", "\n"));
        // A text in several lines is the same whichever way its file ends lines.
        let text = ended.as_deref().unwrap_or(text);
        match kind {
            // Headquarters refers to nothing.
            Kind::Reference(_) if text.is_empty() => {
                Some(Value::Reference { id: String::new(), target: None })
            }
            Kind::Text | Kind::Reference(_) if text.trim().is_empty() => {
                self.out_of_range(
                    "blank text".into(),
                    range,
                    "write something, or leave the key out".into(),
                );
                None
            }
            Kind::Text | Kind::Scalar => Some(Value::Text(text.to_owned())),
            Kind::Reference(_) => Some(Value::Reference { id: text.to_owned(), target: None }),
            Kind::Word(words) => self.word(words, text, range),
            Kind::Version => self.parsed(text, range, Value::Version),
            Kind::Recurrence if text == "none" => Some(Value::NoRecurrence),
            Kind::Duration | Kind::Recurrence => self.parsed(text, range, Value::Duration),
            Kind::Code => self.code(text, range, Code::OUT_OF_RANGE).map(Value::Code),
            Kind::Feature | Kind::DistributionJob | Kind::BatchJob | Kind::ChannelTable => {
                self.name_of(kind, text, range).map(Value::Name)
            }
            Kind::Date | Kind::DateTime if dates::is_date(text) => {
                let found = format!("the date `{}`", super::text::shortened(text));
                self.wrong(&kind.expected(), &found, range, Some(dates::WRITTEN));
                None
            }
            _ => {
                self.wrong_type(&kind.expected(), &DeValue::String(text.into()), range);
                None
            }
        }
    }

    fn word(&mut self, words: &[String], text: &str, range: Range<usize>) -> Option<Value> {
        if words.iter().any(|word| word == text) {
            return Some(Value::Text(text.to_owned()));
        }
        let near = nearest(text, words.iter().map(String::as_str));
        let help = near.map_or_else(
            || format!("one of: {}", words.join(", ")),
            |near| format!("did you mean `{near}`? known: {}", words.join(", ")),
        );
        let message = format!("unknown word `{text}`");
        self.report(Code::OUT_OF_RANGE, message, range, Some(help), near);
        None
    }

    fn parsed<T: std::str::FromStr>(
        &mut self,
        text: &str,
        range: Range<usize>,
        wrap: fn(T) -> Value,
    ) -> Option<Value>
    where
        T::Err: std::fmt::Display,
    {
        match text.parse() {
            Ok(value) => Some(wrap(value)),
            Err(error) => {
                self.out_of_range(format!("malformed value `{text}`"), range, error.to_string());
                None
            }
        }
    }

    /// The code of a check that `text` means; `otherwise` is the code for one that is not known.
    pub(super) fn code(
        &mut self,
        text: &str,
        range: Range<usize>,
        otherwise: Code,
    ) -> Option<Code> {
        let Ok(code) = text.parse::<Code>() else {
            let meant = text.trim().to_uppercase();
            let meant = meant.parse::<Code>().is_ok().then_some(meant);
            let help = meant.as_ref().map_or_else(
                || "codes are `SG` and three digits, such as `SG115`".into(),
                |code| format!("did you mean `{code}`?"),
            );
            let message = format!("unknown code `{text}`");
            self.report(otherwise, message, range, Some(help), meant.as_deref());
            return None;
        };
        if code.is_file_finding() {
            let help =
                "a file that is wrong must be mended; policy and waivers are for checks".to_owned();
            self.out_of_range(format!("`{code}` can be neither levelled nor waived"), range, help);
            return None;
        }
        let known = self.rules.is_none_or(|rules| rules.check(code).is_some())
            || code.is_lint()
            || code.is_custom();
        if !known {
            let codes: Vec<String> = self
                .rules
                .iter()
                .flat_map(|c| c.checks.iter().map(|check| check.code.to_string()))
                .collect();
            let near = nearest(text, codes.iter().map(String::as_str));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            self.report(otherwise, format!("no check has the code `{text}`"), range, help, near);
            return None;
        }
        Some(code)
    }

    /// The canonical id that a name of the rules means.
    pub(super) fn name_of(
        &mut self,
        kind: &Kind,
        text: &str,
        range: Range<usize>,
    ) -> Option<String> {
        let Some(rules) = self.rules else { return Some(text.to_owned()) };
        let names = KnownNames { rules, kind };
        let Some((id, canonical)) = names.meaning(text) else {
            let (help, near) = names.help(text);
            let message = format!("unknown {} `{}`", names.what(), text.trim());
            self.report(Code::UNKNOWN_NAME, message, range, Some(help), near.as_deref());
            return None;
        };
        if !canonical.iter().any(|name| fold(name) == fold(text)) {
            let message = format!("`{}` is an alias of `{id}`", text.trim());
            let help = format!(
                "write {}",
                canonical.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
            );
            let finding = Finding::new(Code::ALIAS, message).at(self.span(range)).help(help);
            self.findings.push(finding.detail(text).instead(canonical));
        }
        Some(id)
    }

    fn integer(
        &mut self,
        number: &toml::de::DeInteger<'_>,
        least: i64,
        most: i64,
        range: Range<usize>,
    ) -> Option<i64> {
        let read = i64::from_str_radix(number.as_str(), number.radix()).ok();
        let read = read.filter(|read| (least..=most).contains(read));
        if read.is_none() {
            let help = match (least, most) {
                (i64::MIN, i64::MAX) => "a whole number of at most 64 bits".to_owned(),
                (least, i64::MAX) => format!("a whole number of {least} or more"),
                (least, most) => format!("a whole number from {least} to {most}"),
            };
            self.out_of_range(format!("`{number}` is out of range"), range, help);
        }
        read
    }

    fn date_time(&mut self, read: Datetime, range: Range<usize>) -> Option<Timestamp> {
        let moment = timestamp(read);
        if moment.is_none() {
            let help = "a date and time with an offset, such as 2026-11-20T08:00:00Z".to_owned();
            self.out_of_range(format!("`{read}` is not a moment"), range, help);
        }
        moment
    }

    fn date(&mut self, read: Datetime, range: Range<usize>) -> Option<Date> {
        let date = match read {
            Datetime { date: Some(date), time: None, offset: None } => civil(date),
            _ => None,
        };
        if date.is_none() {
            self.out_of_range(
                format!("`{read}` is not a date"),
                range,
                "a date, such as 2027-03-31".into(),
            );
        }
        date
    }
}

/// The moment that a TOML date-time with an offset means.
fn timestamp(read: Datetime) -> Option<Timestamp> {
    let (date, time, offset) = (read.date?, read.time?, read.offset?);
    // TOML allows a leap second; the second before it is as near as the calendar comes.
    let second = or_none(time.second).min(59);
    let nanosecond = i32::try_from(or_none(time.nanosecond)).ok()?;
    let (hour, minute) = (i8::try_from(time.hour).ok()?, i8::try_from(time.minute).ok()?);
    let civil = civil(date)?.to_datetime(
        jiff::civil::Time::new(hour, minute, i8::try_from(second).ok()?, nanosecond).ok()?,
    );
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i32::from(minutes),
    };
    jiff::tz::Offset::from_seconds(minutes * 60).ok()?.to_timestamp(civil).ok()
}

/// A part of a time of day: TOML lets seconds and their fractions be left out where they are 0.
fn or_none<N: Default>(part: Option<N>) -> N {
    part.unwrap_or_default()
}

fn civil(date: toml::value::Date) -> Option<Date> {
    let year = i16::try_from(date.year).ok()?;
    Date::new(year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
}
