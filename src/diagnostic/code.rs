//! The stable codes of findings about files and rules, and what each means.
//!
//! Codes of go-live checks, `SG101` to `SG171` and a company's own `SG9nn`, are declared with their
//! checks in `rules/checks.toml` and `--checks` directories.

use super::Severity;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A finding's code, such as `SG006`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Code(u16);

/// What a code means, as `syncgate explain` prints it.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// The code explained.
    pub code: Code,
    /// The severity of its findings.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What it looks like.
    pub example: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

impl Code {
    /// Not valid TOML, or a value of the wrong type.
    pub const SYNTAX: Self = Self(1);
    /// A check could not be decided.
    pub const UNDECIDED: Self = Self(2);
    /// Unknown key or section.
    pub const UNKNOWN_KEY: Self = Self(3);
    /// Missing required key.
    pub const MISSING_KEY: Self = Self(4);
    /// The same id twice.
    pub const DUPLICATE: Self = Self(5);
    /// Reference to a record that does not exist.
    pub const DANGLING: Self = Self(6);
    /// Unknown feature, job or operation name.
    pub const UNKNOWN_NAME: Self = Self(7);
    /// Value out of its range.
    pub const OUT_OF_RANGE: Self = Self(8);
    /// A record that nothing refers to.
    pub const UNREFERENCED: Self = Self(9);
    /// A name written by an alias.
    pub const ALIAS: Self = Self(10);
    /// A file that can't be taken.
    pub const BAD_FILE: Self = Self(11);
    /// A waiver that waives nothing.
    pub const UNUSED_WAIVER: Self = Self(12);
    /// An error is lowered without reason and owner.
    pub const UNANSWERED: Self = Self(13);
    /// An answer that says something else than an export.
    pub const CONTRADICTED: Self = Self(14);
    /// An attestation has expired, or can't be told.
    pub const UNATTESTED: Self = Self(15);
    /// Rules: a cycle in the prerequisite graph.
    pub const CYCLE: Self = Self(20);
    /// Rules: an unreachable rule.
    pub const UNREACHABLE: Self = Self(21);
    /// Rules: a combination that no rule decides.
    pub const UNCOVERED: Self = Self(22);
    /// Rules: an invariant does not hold.
    pub const INVARIANT: Self = Self(23);

    /// The code with this number.
    pub fn new(number: u16) -> Self {
        Self(number)
    }

    /// Its number, 1 for `SG001`.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Whether it is about a deployment's files (`SG001` to `SG015`); policy cannot change those.
    pub fn is_file_finding(self) -> bool {
        (1..=15).contains(&self.0)
    }

    /// Whether it is the code of a go-live check that is part of the product's dossier (`SG101` to
    /// `SG171`).
    pub fn is_lint(self) -> bool {
        (101..=171).contains(&self.0)
    }

    /// Whether it is a company's own check (`SG900` to `SG999`).
    pub fn is_custom(self) -> bool {
        (900..=999).contains(&self.0)
    }

    /// What it means; `None` for go-live checks, which are explained where they are declared.
    pub fn explanation(self) -> Option<&'static Explanation> {
        EXPLANATIONS.iter().find(|explanation| explanation.code == self)
    }

    /// The severity it is declared with; `Error` for codes that are declared elsewhere.
    pub fn severity(self) -> Severity {
        self.explanation().map_or(Severity::Error, |explanation| explanation.severity)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SG{:03}", self.0)
    }
}

/// The text is not `SG` and three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `SG` and three digits, such as `SG115`")]
pub struct NotACode;

impl FromStr for Code {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("SG").filter(|digits| digits.len() == 3).ok_or(NotACode)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotACode);
        }
        digits.parse().map(Self).map_err(|_| NotACode)
    }
}

/// Every code of a finding about files or rules, in order.
pub const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        code: Code::SYNTAX,
        severity: Severity::Error,
        title: "not valid TOML, or a value of the wrong type",
        why: "What cannot be read cannot be checked. Reading goes on behind the mistake, so that \
            all are told at once; what might only be missing because of it is not reported.",
        example: "enabled = \"yes\"    # expected true or false",
        fix: "Write what the message expects at that place.",
    },
    Explanation {
        code: Code::UNDECIDED,
        severity: Severity::Info,
        title: "a check could not be decided",
        why: "A value or a section that the check needs is not in the deployment. A value left \
            out is unknown, not false: decisions use its default, checks do not guess.",
        example: "[[functionality-profile]]\nid = \"STORE\"      # create-customer-in-async-mode \
            is not given",
        fix: "Add the value from headquarters. A section with at least one record counts as \
            complete. What was made sure of by other means is waived as SG002 for its subject, \
            and then no longer keeps the verdict from being `go`; a waiver without a subject \
            covers all of them.",
    },
    Explanation {
        code: Code::UNKNOWN_KEY,
        severity: Severity::Error,
        title: "unknown key or section",
        why: "A misspelt key would silently leave its setting at the default.",
        example: "create-customers-in-async-mode = true    # create-customer-in-async-mode",
        fix: "Use the nearest known key, which the help names; `syncgate schema deployment` has \
            them all.",
    },
    Explanation {
        code: Code::MISSING_KEY,
        severity: Severity::Error,
        title: "missing required key",
        why: "Without commerce-version no feature can be judged, without a channel's kind no \
            operation, and without its id no record can be told from another.",
        example: "[[channel]]\nid = \"houston\"    # kind is missing",
        fix: "Add the key.",
    },
    Explanation {
        code: Code::DUPLICATE,
        severity: Severity::Error,
        title: "the same id twice",
        why: "Which of the two holds would be a guess. Ids are compared without regard to case \
            and spacing, features and jobs by what their names mean.",
        example: "[[channel]]\nid = \"houston\"\n[[channel]]\nid = \"Houston\"",
        fix: "Remove one of the two, or rename it; both places are shown.",
    },
    Explanation {
        code: Code::DANGLING,
        severity: Severity::Error,
        title: "reference to a record that does not exist",
        why: "The channel would be decided by defaults instead of by its profile, schema or group.",
        example: "functionality-profile = \"STORES\"    # the profile is called STORE",
        fix: "Refer to a record of the section, whose nearest id the help names, or add the \
            record.",
    },
    Explanation {
        code: Code::UNKNOWN_NAME,
        severity: Severity::Error,
        title: "unknown feature, job or operation name",
        why: "Names refer to what the rules know; one that they do not know has no effect \
            anywhere.",
        example: "[features.edit-customer-async]    # edit-customers-async",
        fix: "Use the nearest known name, which the help gives; `syncgate rules list` has them \
            all, aliases in other languages included.",
    },
    Explanation {
        code: Code::OUT_OF_RANGE,
        severity: Severity::Error,
        title: "value out of its range",
        why: "An unknown word or a malformed version, duration or date would be ignored or \
            misread.",
        example: "recurrence = \"15 minutes\"    # 15m",
        fix: "Write one of the values that the message lists, or the form that it shows.",
    },
    Explanation {
        code: Code::UNREFERENCED,
        severity: Severity::Warning,
        title: "a profile, schema or group that nothing refers to",
        why: "It has no effect. Often the record that should refer to it names another one.",
        example: "[[functionality-profile]]\nid = \"STORE-OLD\"    # no channel uses it",
        fix: "Refer to it, or leave it out.",
    },
    Explanation {
        code: Code::ALIAS,
        severity: Severity::Info,
        title: "a name written by an alias",
        why: "It is understood, but one word for one thing is easier to search and to compare.",
        example: "job = \"P-job\"    # P-0001",
        fix: "Use the canonical name that the help gives.",
    },
    Explanation {
        code: Code::BAD_FILE,
        severity: Severity::Error,
        title: "a file that can't be taken",
        why: "It is unreadable, not text, or over a limit: 64 MiB a file, 32 levels of nesting, \
            100,000 records.",
        example: "deployment.toml: byte 0xff at offset 17 is not UTF-8",
        fix: "Save it as UTF-8 (or UTF-16 with a byte order mark), or split it.",
    },
    Explanation {
        code: Code::UNUSED_WAIVER,
        severity: Severity::Warning,
        title: "a waiver that waives nothing",
        why: "What it excused is gone, or its code or subject is misspelt; left in place it may \
            hide the next mistake.",
        example: "[[waiver]]\ncode = \"SG115\"\nsubject = \"AX8\"    # the schema is called AX7",
        fix: "Remove it, or correct its code and subject.",
    },
    Explanation {
        code: Code::UNANSWERED,
        severity: Severity::Error,
        title: "an error is lowered without reason and owner",
        why: "A verdict that nobody answers for is worth nothing: what lowers an error says why, \
            and who accepts it.",
        example: "[levels]\nSG106 = \"warning\"    \
            # { level = \"warning\", reason = \"…\", owner = \"…\" }",
        fix: "Add reason and owner, or take the level or the waiver out; until then the error \
            counts.",
    },
    Explanation {
        code: Code::CONTRADICTED,
        severity: Severity::Warning,
        title: "an answer that says something else than an export",
        why: "One of the two is wrong or old, and the answer counts: what an export shows is no \
            longer what is checked.",
        example: "answers.toml says status = \"waiting\" of a job that the export shows as \
            withheld",
        fix: "Export again, and take the answer out where the export is right.",
    },
    Explanation {
        code: Code::UNATTESTED,
        severity: Severity::Warning,
        title: "an attestation has expired, or can't be told",
        why: "Values that no export shows are as good as the person who answers for them, and only \
            as long.",
        example: "[attestation]\nexpires = 2026-10-31    # as-of is later, or not given",
        fix: "Have the values looked at again and write until when that holds; give as-of.",
    },
    Explanation {
        code: Code::CYCLE,
        severity: Severity::Error,
        title: "rules: cycle in the prerequisite graph",
        why: "Features that need each other can never become effective.",
        example: "a requires b requires c requires a",
        fix: "Remove one of the edges that the message names.",
    },
    Explanation {
        code: Code::UNREACHABLE,
        severity: Severity::Error,
        title: "rules: unreachable rule",
        why: "A rule that never decides is dead, or stands behind one that should come after it.",
        example: "create-customer/offline-filtered, shadowed by create-customer/offline",
        fix: "Move the rule before those that shadow it, or remove it.",
    },
    Explanation {
        code: Code::UNCOVERED,
        severity: Severity::Error,
        title: "rules: a combination that no rule decides",
        why: "Every request must have an answer.",
        example: "edit-customer: connection = online, real-time-service = available, customer = \
            synced",
        fix: "Give the operation a last rule without a condition.",
    },
    Explanation {
        code: Code::INVARIANT,
        severity: Severity::Error,
        title: "rules: an invariant does not hold",
        why: "The rules promise something that the counterexample shows they do not keep.",
        example: "offline-is-never-sync: search-all-stores with connection = offline is sync",
        fix: "Correct the rule that the counterexample names, or the invariant.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_they_are_written() {
        for explanation in EXPLANATIONS {
            assert_eq!(explanation.code.to_string().parse(), Ok(explanation.code));
        }
        for wrong in ["", "SG", "SG1", "SG0012", "sg001", "SG+12", "SGabc", "SG１２３"] {
            assert_eq!(wrong.parse::<Code>(), Err(NotACode), "{wrong}");
        }
    }

    #[test]
    fn every_code_is_explained_in_order() {
        let numbers: Vec<u16> =
            EXPLANATIONS.iter().map(|explanation| explanation.code.number()).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23]);
    }
}
