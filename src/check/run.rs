//! Running the checks over a deployment.

use super::facts::{Known, SubjectFact, SubjectRecord};
use super::policy::{self, Verdict};
use crate::diagnostic::{self, Code, Finding, Severity, Subject};
use crate::graph::States;
use crate::model::{Check, Comparison, Deployment, Scalar, Test, Version, words};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// How a check ended.
    CheckResult {
        /// Nothing is wrong with any subject.
        Pass = "pass",
        /// Something is.
        Fail = "fail",
        /// Nothing known is wrong, and a value that it needs is not given.
        Undecided = "undecided",
        /// There is no subject it speaks of.
        NotApplicable = "not-applicable",
        /// Everything wrong is waived, or allowed by policy.
        Waived = "waived",
    }
}

/// How one check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// Its code.
    pub code: Code,
    /// How it ended.
    pub result: CheckResult,
    /// How many subjects it looked at.
    pub examined: usize,
    /// What the deployment would have to give for it to be decided: `section.key`.
    pub missing: Vec<String>,
}

/// Everything about a deployment: findings of its files and of the checks, and the verdict.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The findings, waived ones among them, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// How each check ended, by code.
    pub checks: Vec<CheckReport>,
    /// Whether the deployment may go live.
    pub verdict: Verdict,
}

impl Checked {
    /// How many findings that are not waived have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.counts() && finding.severity == severity).count()
    }

    /// How many checks ended so.
    pub fn count_results(&self, result: CheckResult) -> usize {
        self.checks.iter().filter(|report| report.result == result).count()
    }
}

/// What a check found out about all its subjects.
#[derive(Default)]
struct Tally {
    examined: usize,
    failed: usize,
    missing: BTreeSet<String>,
    /// Undecided for these subjects: the record's number in `Run::undecided`.
    undecided: bool,
}

/// A value that is not given: of which record, and for which checks.
#[derive(Default)]
struct Undecided {
    span: Option<diagnostic::Span>,
    codes: BTreeSet<Code>,
}

struct Run<'a> {
    deployment: &'a Deployment,
    states: &'a States,
    findings: Vec<Finding>,
    tallies: BTreeMap<Code, Tally>,
    undecided: BTreeMap<(Option<Subject>, String), Undecided>,
}

/// Runs every check; `found` are the findings of the deployment's files, and `whole` says whether those could be read to
/// their end, without which nothing that is missing is told.
pub fn check(deployment: &Deployment, found: Vec<Finding>, whole: bool) -> Checked {
    let states = States::of(deployment);
    let mut run = Run {
        deployment,
        states: &states,
        findings: Vec::new(),
        tallies: BTreeMap::new(),
        undecided: BTreeMap::new(),
    };
    if whole {
        for check in &deployment.rules().checks {
            run.check(check);
        }
        run.drop_general();
        run.tell_undecided();
    }
    let Run { mut findings, tallies, .. } = run;
    findings.extend(found);
    let levels = policy::levels(deployment);
    let allowed = policy::apply_levels(&mut findings, &levels);
    if whole {
        policy::apply_waivers(deployment, &mut findings);
    }
    diagnostic::sort(&mut findings, deployment.files());
    let checks: Vec<CheckReport> = reports(tallies, &findings, &allowed);
    let verdict = verdict(deployment, &findings, &checks, &levels);
    Checked { findings, checks, verdict }
}

impl Run<'_> {
    fn check(&mut self, check: &Check) {
        let section = self.deployment.section(&check.subject);
        self.tallies.entry(check.code).or_default();
        let Some((_, records)) = section else {
            self.undecide(check, None, None, std::slice::from_ref(&check.subject));
            return;
        };
        for number in 0..records.len() {
            let Some(fields) = self.deployment.record(&check.subject, number) else { continue };
            let subject = SubjectRecord { deployment: self.deployment, states: self.states, fields };
            self.check_subject(check, subject);
        }
    }

    fn check_subject(&mut self, check: &Check, subject: SubjectRecord<'_>) {
        let given: Vec<Tested> = check.given.iter().map(|test| tested(subject, test)).collect();
        if given.iter().any(|tested| tested.holds == Some(false)) {
            return;
        }
        let fails: Vec<Tested> = check.fails.iter().map(|test| tested(subject, test)).collect();
        if let Some(tally) = self.tallies.get_mut(&check.code) {
            tally.examined += 1;
        }
        if fails.iter().any(|tested| tested.holds == Some(false)) {
            return;
        }
        let missing: Vec<String> =
            given.iter().chain(&fails).flat_map(|tested| tested.missing.clone()).collect();
        let fields = subject.fields;
        let about = Subject::new(&fields.section.id, &fields.record.id);
        if !missing.is_empty() {
            self.undecide(check, Some(&about), Some(fields.record.span), &missing);
            return;
        }
        let finding = finding(check, subject, &fails, about);
        self.findings.push(finding);
        if let Some(tally) = self.tallies.get_mut(&check.code) {
            tally.failed += 1;
        }
    }

    fn undecide(
        &mut self,
        check: &Check,
        about: Option<&Subject>,
        span: Option<diagnostic::Span>,
        missing: &[String],
    ) {
        for key in missing {
            let undecided = self.undecided.entry((about.cloned(), key.clone())).or_default();
            undecided.span = span;
            undecided.codes.insert(check.code);
            if let Some(tally) = self.tallies.get_mut(&check.code) {
                tally.missing.insert(key.clone());
                tally.undecided = true;
            }
        }
    }

    /// Where a special check and a general one both failed for one subject, only the special one is told.
    fn drop_general(&mut self) {
        let checks = &self.deployment.rules().checks;
        let told: Vec<(Code, Option<Subject>)> =
            self.findings.iter().map(|finding| (finding.code, finding.subject.clone())).collect();
        let replaced = |finding: &Finding| {
            checks.iter().any(|check| {
                check.instead_of == Some(finding.code)
                    && told.contains(&(check.code, finding.subject.clone()))
            })
        };
        let tallies = &mut self.tallies;
        self.findings.retain(|finding| {
            let drop = replaced(finding);
            if let Some(tally) = tallies.get_mut(&finding.code).filter(|_| drop) {
                tally.failed -= 1;
            }
            !drop
        });
    }

    /// One finding for each value or section that is not given, with all the checks that need it.
    fn tell_undecided(&mut self) {
        for ((about, key), undecided) in &self.undecided {
            let codes: Vec<String> = undecided.codes.iter().map(Code::to_string).collect();
            let codes = codes.join(", ");
            let rules = self.deployment.rules();
            let message = match about {
                Some(subject) => format!(
                    "{codes} can't be decided for `{}`: {} is not given",
                    subject.id,
                    describe(rules, key)
                ),
                None => format!("{codes} can't be decided: the deployment has no `{key}` section"),
            };
            let help = match key.split_once('.') {
                Some(("prerequisite", _)) => "make sure of it, then waive SG002 for this subject".to_owned(),
                Some((_, key)) => format!("add `{key} = …` from headquarters"),
                None => format!("add the `{key}` section; with at least one record it counts as complete"),
            };
            let mut finding = Finding::new(Code::UNDECIDED, message).help(help).detail(key.clone());
            finding.span = undecided.span.or_else(|| self.deployment.place_of_section("deployment"));
            finding.subject = Some(about.clone().unwrap_or_else(|| Subject::new(key, "")));
            finding.setting = rules.setting_of(key);
            self.findings.push(finding);
        }
    }
}

/// What a missing value is called.
fn describe(rules: &crate::model::Catalogue, key: &str) -> String {
    match key.strip_prefix("prerequisite.") {
        Some(id) => format!(
            "whether {}",
            rules.node_named(id).map_or_else(|| id.to_owned(), |node| rules.node_name(node))
        ),
        None => format!("`{key}`"),
    }
}

/// A test of a check against a subject.
struct Tested {
    fact: SubjectFact,
    /// Whether it holds; `None` where that is not known.
    holds: Option<bool>,
    missing: Vec<String>,
}

fn tested(subject: SubjectRecord<'_>, test: &Test) -> Tested {
    let fact = subject.fact(&test.fact);
    let (holds, missing) = match &fact.known {
        Known::Value(scalar, _) => (Some(compare(scalar, &test.comparison)), Vec::new()),
        Known::Missing(missing) => (None, missing.clone()),
    };
    Tested { fact, holds, missing }
}

/// Whether a comparison holds; one of values that cannot be compared does not.
fn compare(scalar: &Scalar, comparison: &Comparison) -> bool {
    let same = |other: &Scalar| like(scalar, other).is_some_and(|other| other == *scalar);
    match comparison {
        Comparison::Is(values) => values.iter().any(same),
        Comparison::IsNot(values) => !values.iter().any(same),
        Comparison::Below(bound) => like(scalar, bound).is_some_and(|bound| *scalar < bound),
        Comparison::Above(bound) => like(scalar, bound).is_some_and(|bound| *scalar > bound),
    }
}

/// `written`, read as a value of the same sort as `scalar`: a version or a duration stands in rules as text.
fn like(scalar: &Scalar, written: &Scalar) -> Option<Scalar> {
    match (scalar, written) {
        (Scalar::Version(_), Scalar::Text(text)) => text.parse::<Version>().ok().map(Scalar::Version),
        (Scalar::Number(_), Scalar::Text(text)) => {
            let duration: crate::model::Duration = text.parse().ok()?;
            i64::try_from(duration.seconds()).ok().map(Scalar::Number)
        }
        _ => Some(written.clone()),
    }
}

fn finding(check: &Check, subject: SubjectRecord<'_>, fails: &[Tested], about: Subject) -> Finding {
    let text = |template: &str| {
        let mut text = template.replace("{id}", &subject.fields.record.id);
        while let Some((before, rest)) = text.split_once('{') {
            let Some((name, after)) = rest.split_once('}') else { break };
            let value = match subject.fact(name).known {
                Known::Value(_, shown) => shown,
                Known::Missing(_) => "not given".to_owned(),
            };
            text = format!("{before}{value}{after}");
        }
        text
    };
    let mut finding = Finding::new(check.code, text(&check.message)).help(text(&check.help)).about(about);
    finding.severity = check.severity;
    let pointed = check.at.as_deref().map(|at| subject.fact(at));
    let place =
        pointed.and_then(|fact| fact.place).or_else(|| fails.iter().find_map(|tested| tested.fact.place));
    finding.span = Some(place.unwrap_or(subject.fields.record.span));
    finding.related = fails.iter().flat_map(|tested| tested.fact.related.clone()).collect();
    let key = check.at.as_deref().or_else(|| check.fails.first().map(|test| test.fact.as_str()));
    let rules = subject.deployment.rules();
    finding.setting = rules.setting_of_record(subject.fields, key.unwrap_or_default());
    finding.sources.clone_from(&check.sources);
    finding
}

fn reports(
    tallies: BTreeMap<Code, Tally>,
    findings: &[Finding],
    allowed: &BTreeMap<Code, usize>,
) -> Vec<CheckReport> {
    let report = |(code, tally): (Code, Tally)| {
        let standing = findings.iter().any(|finding| finding.code == code && finding.counts());
        let excused = findings.iter().any(|finding| finding.code == code) || allowed.contains_key(&code);
        let result = match tally {
            _ if standing => CheckResult::Fail,
            Tally { undecided: true, .. } => CheckResult::Undecided,
            _ if excused => CheckResult::Waived,
            Tally { examined: 0, .. } => CheckResult::NotApplicable,
            _ => CheckResult::Pass,
        };
        CheckReport { code, result, examined: tally.examined, missing: tally.missing.into_iter().collect() }
    };
    tallies.into_iter().map(report).collect()
}

fn verdict(
    deployment: &Deployment,
    findings: &[Finding],
    checks: &[CheckReport],
    levels: &BTreeMap<Code, Option<Severity>>,
) -> Verdict {
    if findings.iter().any(|finding| finding.counts() && finding.severity == Severity::Error) {
        return Verdict::NoGo;
    }
    // What was made sure of by other means is waived as SG002.
    let excused = |key: &String| {
        let mut about =
            findings.iter().filter(|finding| finding.code == Code::UNDECIDED && finding.detail == *key);
        let all_waived = about.clone().all(|finding| !finding.counts());
        about.next().is_some() && all_waived
    };
    let is_error = |code: Code| match levels.get(&code) {
        Some(level) => *level == Some(Severity::Error),
        None => deployment.rules().check(code).is_some_and(|check| check.severity == Severity::Error),
    };
    let open = checks.iter().any(|report| {
        is_error(report.code)
            && report.result == CheckResult::Undecided
            && !report.missing.iter().all(excused)
    });
    if open { Verdict::Undecided } else { Verdict::Go }
}
