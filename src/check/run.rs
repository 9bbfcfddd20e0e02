//! Running the checks over a deployment.

use super::alike::is_of_sorts;
use super::checked::{CheckReport, CheckResult, Checked};
use super::facts::{Facts, Gap, SubjectOf};
use super::policy::{self, Levels, Verdict};
use super::tested::{Says, Tested, tested};
use crate::diagnostic::{self, Code, FileId, Finding, SettingPage, Severity, Span, Subject};
use crate::features::States;
use crate::model::check_facts::key_behind;
use crate::model::format::{Form, Section};
use crate::model::{
    Check, CheckFact, Comparison, Deployment, Fields, JobId, Record, Scalar, SectionName,
    SubjectKind, Template, TemplatePart, Test, indexed, indexed_mut, said,
};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a check found out about all its subjects.
#[derive(Default)]
struct Tally {
    examined: usize,
    missing: BTreeSet<String>,
    /// Whether it is undecided for some subject.
    undecided: bool,
    /// Sections that are not all there, and without which it is not known whether it has a subject:
    /// what it would find is right.
    open: BTreeSet<String>,
}

/// What there is to say of a subject that has no finding, and of all others of its sort.
#[derive(Clone, Debug)]
enum Quiet {
    /// Nothing, or nothing more than was said: the check does not speak of it.
    Nothing,
    /// That it is right.
    Right,
    /// That it is not known, for want of these values, its own and those of certain other records.
    Open(Vec<Gap>),
}

/// A value that is not given: of which record, and for which checks.
#[derive(Default)]
struct Undecided {
    span: Option<Span>,
    codes: BTreeSet<Code>,
}

struct Run<'a> {
    deployment: &'a Deployment,
    facts: Facts<'a>,
    findings: Vec<Finding>,
    tallies: BTreeMap<Code, Tally>,
    /// By what is not given, then by whose it is; `None` where it is of the deployment.
    undecided: BTreeMap<String, BTreeMap<Option<Subject>, Undecided>>,
    /// Where a special check is undecided: the code of the general one, the subject, what is
    /// missing.
    open_specials: Vec<(Code, SubjectOf<'a>, Vec<Gap>)>,
}

/// Runs every check; `found` are the findings of the deployment's files, and `whole` says whether
/// those could be read to their end, without which nothing that is missing is told.
pub fn check(deployment: &Deployment, found: Vec<Finding>, whole: bool) -> Checked {
    let states = States::of(deployment);
    let mut run = Run {
        deployment,
        facts: Facts::of(deployment, &states),
        findings: Vec::new(),
        tallies: BTreeMap::new(),
        undecided: BTreeMap::new(),
        open_specials: Vec::new(),
    };
    if whole {
        for check in &deployment.rules().checks {
            run.check(check);
        }
        run.drop_general();
        run.undecide_open();
        run.undecide_unreferenced();
        run.tell_undecided();
    }
    let pending = if whole { run.facts.pending_times() } else { Vec::new() };
    let Run { mut findings, tallies, .. } = run;
    findings.extend(found);
    let levels = Levels::of(deployment);
    let hidden = levels.apply(&mut findings);
    findings.extend(levels.findings.iter().cloned());
    findings.extend(policy::attestation(deployment));
    if whole {
        let is_open = |code| {
            let missing = tallies.get(&code).into_iter().flat_map(|tally| &tally.missing);
            missing.into_iter().any(|key| is_said_incomplete(deployment, key))
        };
        policy::apply_waivers(deployment, &levels, &mut findings, is_open);
    }
    for finding in &mut findings {
        finding.controls = deployment.rules().controls_of(finding.code);
    }
    diagnostic::sort(&mut findings, deployment.files());
    let checks: Vec<CheckReport> = reports(tallies, &findings, &hidden);
    let verdict = verdict(deployment, &findings, &checks, &levels);
    diagnostic::tell_apart(&mut findings);
    let levels = levels.set.into_values().collect();
    Checked { findings, checks, verdict, pending, levels }
}

impl<'a> Run<'a> {
    fn check(&mut self, check: &Check) {
        self.tallies.entry(check.code).or_default();
        let deployment = self.deployment;
        match check.subject {
            SubjectKind::Section(number) => {
                let Some(section) = deployment.rules().format.sections.get(number) else { return };
                let Some((_, records)) = deployment.section(&section.id) else {
                    return self.lacks(check, section, self.of_any(check));
                };
                self.check_records(check, section, records);
                if deployment.is_said_incomplete(&section.id) {
                    self.lacks(check, section, self.of_unlisted(check, section));
                }
            }
            SubjectKind::Job => {
                for job in deployment.rules().job_ids() {
                    self.check_subject(check, SubjectOf::Job(job));
                }
            }
        }
    }

    /// What a check would say of records that a section does not list, as far as they may be there.
    fn lacks(&mut self, check: &Check, section: &Section, says: Says) {
        match says {
            Says::Nothing => {}
            Says::Right => {
                let tally = self.tallies.entry(check.code).or_default();
                tally.open.insert(section.id.clone());
            }
            Says::Wrong => {
                let gap = Gap::new(&*section.id);
                self.undecide(check.code, None, &[gap]);
            }
        }
    }

    /// What a check may say of a subject, whatever that is: a fact that is the same for all of them
    /// may rule something out.
    fn of_any(&self, check: &Check) -> Says {
        let is_ruled_out = |test: &Test| {
            test.is_shared() && tested(test, |fact| self.facts.shared(fact)).holds == Some(false)
        };
        Says::unless(check.given.iter().any(is_ruled_out), check.fails.iter().any(is_ruled_out))
    }

    /// What a check may say of a record that an incomplete section does not list: the most that it
    /// says of any.
    fn of_unlisted(&self, check: &Check, section: &Section) -> Says {
        let rules = self.deployment.rules();
        let unlisted = |id: &&str| self.deployment.find(&section.id, id).is_none();
        let features = rules.features.iter().map(|feature| feature.id.as_str()).filter(unlisted);
        let ids: Vec<&str> = match section.form {
            Form::Features => features.collect(),
            _ => vec![""],
        };
        let says = ids.into_iter().map(|id| self.of_record(check, section, id));
        says.max().unwrap_or(Says::Nothing)
    }

    /// What a check may say of a record of which no more is known than which one it is.
    fn of_record(&self, check: &Check, section: &Section, id: &str) -> Says {
        let values = vec![None; section.keys.len()];
        let record = Record { span: Span::new(FileId::FIRST, 0..0), id: id.to_owned(), values };
        let record = record.fields(section);
        let is_ruled_out = |test: &Test| {
            let holds = tested(test, |fact| self.facts.of_unlisted(record, fact)).holds;
            holds == Some(false) || self.is_listed(test, section)
        };
        Says::unless(check.given.iter().any(is_ruled_out), check.fails.iter().any(is_ruled_out))
    }

    /// Whether a test holds only for records that a section lists.
    fn is_listed(&self, test: &Test, section: &Section) -> bool {
        let CheckFact::Own(key) = &test.fact else { return false };
        let Comparison::Is(ids) = &test.comparison else { return false };
        let is_listed = |id: &Scalar| match id {
            Scalar::Text(id) => self.deployment.find(&section.id, id).is_some(),
            _ => false,
        };
        section.identity == Some(key.key) && !ids.is_empty() && ids.iter().all(is_listed)
    }

    /// Looks at every record of a section; where nothing is to be said of one, and nothing that the
    /// check asks for tells it from others, they are not looked at again.
    fn check_records(&mut self, check: &Check, section: &'a Section, records: &'a [Record]) {
        if !is_of_sorts(check, Some(section)) {
            for record in records {
                self.check_subject(check, SubjectOf::Record(record.fields(section)));
            }
            return;
        }
        let sorts = self.facts.sorts(&section.id);
        let mut known: Vec<Option<Quiet>> = vec![None; sorts.count];
        let mut examined = 0;
        for (record, sort) in records.iter().zip(&sorts.of) {
            let known = indexed_mut(&mut known, *sort);
            let subject = SubjectOf::Record(record.fields(section));
            match known {
                Some(Quiet::Nothing) => {}
                Some(Quiet::Right) => examined += 1,
                Some(Quiet::Open(missing)) => {
                    examined += 1;
                    self.leave_open(check, subject, missing);
                }
                None => *known = self.check_subject(check, subject),
            }
        }
        self.tally(check).examined += examined;
    }

    #[expect(clippy::expect_used, reason = "what is not counted would be told as not applicable")]
    fn tally(&mut self, check: &Check) -> &mut Tally {
        self.tallies.get_mut(&check.code).expect("a check has its tally before its subjects")
    }

    /// Looks at a subject; gives what there is to say where no finding comes of it.
    fn check_subject(&mut self, check: &Check, subject: SubjectOf<'a>) -> Option<Quiet> {
        let tested = |test| tested(test, |fact| self.facts.fact(subject, fact));
        let given: Vec<Tested> = check.given.iter().map(tested).collect();
        if given.iter().any(|tested| tested.holds == Some(false)) {
            return Some(Quiet::Nothing);
        }
        let fails: Vec<Tested> = check.fails.iter().map(tested).collect();
        let is_right = fails.iter().any(|tested| tested.holds == Some(false));
        let unlisted: Vec<&Gap> = given
            .iter()
            .filter(|tested| tested.holds.is_none())
            .flat_map(|tested| &tested.gaps)
            .filter(|gap| gap.is_a_section())
            .collect();
        let tally = self.tally(check);
        if is_right && !unlisted.is_empty() {
            tally.open.extend(unlisted.iter().map(|gap| gap.key.clone()));
            return Some(Quiet::Nothing);
        }
        tally.examined += 1;
        if is_right {
            return Some(Quiet::Right);
        }
        let unknown = given.iter().chain(&fails).filter(|tested| tested.holds.is_none());
        let mut missing: Vec<Gap> = unknown.flat_map(|tested| tested.gaps.clone()).collect();
        if !missing.is_empty() {
            let own = self.facts.identity(subject);
            for gap in &mut missing {
                gap.of.take_if(|of| *of == own);
            }
            self.leave_open(check, subject, &missing);
            return Some(Quiet::Open(missing));
        }
        let finding = finding(check, &self.facts, subject, &fails);
        self.findings.push(finding);
        None
    }

    /// A check is not decided for a subject, for want of values.
    fn leave_open(&mut self, check: &Check, subject: SubjectOf<'a>, missing: &[Gap]) {
        self.undecide(check.code, Some(subject), missing);
        if let Some(general) = check.instead_of {
            self.open_specials.push((general, subject, missing.to_vec()));
        }
    }

    fn undecide(&mut self, code: Code, subject: Option<SubjectOf<'a>>, missing: &[Gap]) {
        for gap in missing {
            let of_deployment = gap.is_of_the_deployment(self.deployment.rules());
            let of = gap.of.clone().or_else(|| Some(self.facts.identity(subject?)));
            let (about, span) = of.filter(|_| !of_deployment).unzip();
            let of_key = self.undecided.entry(gap.key.clone()).or_default();
            // Several records may be told as one, such as two schedules of a job.
            let undecided = of_key.entry(about).or_default();
            undecided.span = span;
            undecided.codes.insert(code);
            if let Some(tally) = self.tallies.get_mut(&code) {
                tally.missing.insert(gap.key.clone());
                tally.undecided = true;
            }
        }
    }

    /// A check that has no subject which is known, and that may have one, is undecided: it would be
    /// right, and without one it does not apply.
    fn undecide_open(&mut self) {
        let is_open = |tally: &Tally| tally.examined == 0 && !tally.undecided;
        let open: Vec<(Code, Vec<Gap>)> = self
            .tallies
            .iter()
            .filter(|(_, tally)| is_open(tally))
            .map(|(code, tally)| (*code, tally.open.iter().map(|key| Gap::new(&**key)).collect()))
            .collect();
        for (code, gaps) in open {
            self.undecide(code, None, &gaps);
        }
    }

    /// Whether nothing refers to a record is not known where something may by what is not given.
    fn undecide_unreferenced(&mut self) {
        let deployment = self.deployment;
        for (section, _) in deployment.unreferenced() {
            let gaps: Vec<Gap> =
                deployment.may_refer_to(&section.id).into_iter().map(Gap::from).collect();
            self.undecide(Code::UNREFERENCED, None, &gaps);
        }
    }

    /// Where a special check and a general one both failed for one subject, only the special one is
    /// told; where the special one is undecided, so is which of them to tell.
    fn drop_general(&mut self) {
        let told = told(&self.findings);
        let mut open = HashSet::new();
        for (general, subject, missing) in std::mem::take(&mut self.open_specials) {
            let it = (general, Some(self.facts.identity(subject).0));
            if told.contains(&it) {
                self.undecide(general, Some(subject), &missing);
                open.insert(it);
            }
        }
        let specials = |general| {
            let checks = self.deployment.rules().checks.iter();
            checks.filter(move |check| check.instead_of == Some(general)).map(|check| check.code)
        };
        let is_told = |finding: &Finding, code| {
            let it = (code, finding.subject.clone());
            told.contains(&it) && !open.contains(&it)
        };
        let gives_way =
            |finding: &Finding| specials(finding.code).any(|special| is_told(finding, special));
        self.findings.retain(|finding| is_told(finding, finding.code) && !gives_way(finding));
    }

    /// One finding for each value or section that is not given, with all the checks that need it.
    fn tell_undecided(&mut self) {
        for (key, of_key) in &self.undecided {
            let section = key.split_once('.').map_or(key.as_str(), |(section, _)| section);
            let told = Ungiven::new(self.deployment, key);
            for (about, Undecided { span, codes }) in of_key {
                let codes: Vec<String> = codes.iter().map(Code::to_string).collect();
                let codes = codes.join(", ");
                let (message, help) = match about {
                    Some(about) => told.of_record(&codes, &about.id),
                    None => told.of_deployment(&codes),
                };
                let finding = Finding::new(Code::UNDECIDED, message).help(help).detail(&**key);
                let place = || self.deployment.place_of_section(section);
                let mut finding = finding.at(span.unwrap_or_else(place));
                let number = about.as_ref().and_then(|it| self.deployment.find(&*it.kind, &it.id));
                let record = number.and_then(|number| self.deployment.record(section, number));
                let kind = record.and_then(Fields::kind);
                finding.setting = self.deployment.rules().setting_of(key, kind);
                let about = about.clone().unwrap_or_else(|| Subject::new(section, ""));
                self.findings.push(finding.about(about));
            }
        }
    }
}

/// Whether a deployment says of a section, or of a key of one, that not everything is given.
fn is_said_incomplete(deployment: &Deployment, what: &str) -> bool {
    let Some((id, key)) = what.split_once('.') else { return deployment.is_said_incomplete(what) };
    let section = deployment.rules().format.section(id);
    section.is_some_and(|(_, section)| deployment.is_key_said_incomplete(section, key))
}

/// What to do about what a deployment does not hold.
const BEYOND: &str = "make sure of it; a deployment has no place to say so";

/// How to tell of a value or a section that is not given.
struct Ungiven<'a> {
    deployment: &'a Deployment,
    key: &'a str,
    /// What it is called.
    what: String,
    /// How to say that there is none of it, where that can be said.
    none: String,
}

impl<'a> Ungiven<'a> {
    fn new(deployment: &'a Deployment, key: &'a str) -> Self {
        let rules = deployment.rules();
        Self { deployment, key, what: describe(rules, key), none: none_of(rules, key) }
    }

    /// That the checks with these codes need it of a record, and how to give it.
    fn of_record(&self, codes: &str, id: &str) -> (String, String) {
        let message = format!("{codes} can't be decided for `{id}`: {} is not given", self.what);
        let help = match self.key.split_once('.') {
            Some(("prerequisite", _)) => BEYOND.to_owned(),
            Some((_, name)) => format!("add `{name} = …` from headquarters{}", self.none),
            None => self.section(),
        };
        (message, help)
    }

    /// The same of what no record stands for.
    fn of_deployment(&self, codes: &str) -> (String, String) {
        let key = self.key;
        let why = if key.contains('.') {
            format!("`{key}` is not given")
        } else if self.deployment.is_said_incomplete(key) {
            format!("the `{key}` section is incomplete")
        } else if self.deployment.section(key).is_some() {
            format!("which record of `{key}` stands there can't be read")
        } else {
            format!("the deployment has no `{key}` section")
        };
        let help = match key.split_once('.') {
            Some(("prerequisite", _)) => BEYOND.to_owned(),
            Some((section, key)) => format!("add `{key} = …` below [{section}]"),
            None => self.section(),
        };
        (format!("{codes} can't be decided: {why}"), help)
    }

    fn section(&self) -> String {
        let (key, none) = (self.key, &self.none);
        if self.deployment.is_said_incomplete(key) {
            format!("list the rest of it, and take `{key}` out of `incomplete` of [deployment]")
        } else if self.deployment.section(key).is_some() {
            "mend the mistakes of that section first".to_owned()
        } else {
            format!("add the `{key}` section; with at least one record it counts as complete{none}")
        }
    }
}

/// What findings say, and of whom.
fn told(findings: &[Finding]) -> HashSet<(Code, Option<Subject>)> {
    findings.iter().map(|finding| (finding.code, finding.subject.clone())).collect()
}

/// How to say that there is none of something, where that can be said.
fn none_of(rules: &crate::model::Rules, key: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    said(rules.format.none_of(key), |(none, at)| {
        format!("; `{name} = {none}`{at} says that there is none")
    })
}

/// What a missing value is called.
fn describe(rules: &crate::model::Rules, key: &str) -> String {
    match key.strip_prefix("prerequisite.") {
        Some(id) => format!(
            "whether {}",
            rules.node_named(id).map_or_else(|| id.to_owned(), |node| rules.node_quoted(node))
        ),
        None => format!("`{key}`"),
    }
}

fn finding<'a>(
    check: &Check,
    facts: &Facts<'a>,
    subject: SubjectOf<'a>,
    fails: &[Tested],
) -> Finding {
    let (about, own_place) = facts.identity(subject);
    let found = said(fails.first(), |tested| tested.found.join(", "));
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.clone(),
        TemplatePart::Id => about.id.clone(),
        TemplatePart::Found => found.clone(),
        TemplatePart::Fact(fact) => facts.fact(subject, fact).shown(),
    };
    let text = |template: &Template| template.parts.iter().map(part).collect::<String>();
    let mut finding = Finding::new(check.code, text(&check.message)).help(text(&check.help));
    finding.severity = check.severity;
    let pointed = check.at.as_ref().and_then(|at| facts.fact(subject, at).place);
    let place = pointed.or_else(|| fails.iter().find_map(|tested| tested.place));
    finding.span = Some(place.unwrap_or(own_place));
    finding.related = fails.iter().flat_map(|tested| tested.related.clone()).collect();
    let mut deciding = check.fails.first().map(|test| &test.fact).into_iter().chain(&check.at);
    finding.setting = deciding.find_map(|fact| setting(facts, subject, fact));
    finding.detail = part_of(facts.deployment, check);
    finding.sources = sources(check, fails);
    finding.about(about)
}

/// Who says so: the statements of the check, and the documents of what it found.
fn sources(check: &Check, fails: &[Tested]) -> Vec<String> {
    let mut sources = check.sources.clone();
    for document in fails.iter().flat_map(|tested| &tested.sources) {
        if !sources.contains(document) {
            sources.push(document.clone());
        }
    }
    sources
}

/// What tells a check apart from others of its code that look at the same kind of subject: its
/// number among them.
fn part_of(deployment: &Deployment, check: &Check) -> String {
    let alike = |other: &&Check| other.code == check.code && other.subject == check.subject;
    let number =
        deployment.rules().checks.iter().filter(alike).position(|other| other.span == check.span);
    // The first, which is mostly alone, has no number: so its findings stay what they are when
    // another check is added behind it.
    said(number.filter(|number| *number > 0), |number| (number + 1).to_string())
}

/// Where headquarters shows what a fact is about.
fn setting<'a>(facts: &Facts<'a>, subject: SubjectOf<'a>, fact: &CheckFact) -> Option<SettingPage> {
    let rules = facts.deployment.rules();
    let of_job = |job: JobId| {
        let job = rules.job(job);
        Some(SettingPage { name: job.title(), page: job.page.clone()? })
    };
    match (fact, subject) {
        (CheckFact::Job(job, _) | CheckFact::Covered(job, _), _) => of_job(*job),
        (CheckFact::OfJob(_), SubjectOf::Job(job)) => of_job(job),
        (CheckFact::Feature(feature), _) => rules.page_of_feature(*feature),
        (_, SubjectOf::Record(fields))
            if rules.format.is(&fields.section.id, SectionName::Features) =>
        {
            rules.page_of_feature(rules.feature_named(&fields.record.id)?)
        }
        _ => {
            let key = key_behind(fact)?;
            let section = rules.format.sections.get(key.section)?;
            let record = record_behind(facts, subject, fact);
            let kind = record.and_then(Fields::kind);
            section.setting(section.keys.get(key.key)?, kind)
        }
    }
}

/// The record that gives a fact of a subject, where that is one.
fn record_behind<'a>(
    facts: &Facts<'a>,
    subject: SubjectOf<'a>,
    fact: &CheckFact,
) -> Option<Fields<'a>> {
    let deployment = facts.deployment;
    let section = &indexed(&deployment.rules().format.sections, key_behind(fact)?.section).id;
    match (fact, subject) {
        (CheckFact::Own(_), SubjectOf::Record(fields)) => Some(fields),
        (CheckFact::Reached(_), SubjectOf::Record(fields)) => deployment.reach(fields, section),
        (CheckFact::Referred { by, .. }, SubjectOf::Record(fields)) => {
            let by = indexed(&fields.section.keys, by.key);
            deployment.record(section, fields.target(&by.id)?)
        }
        (CheckFact::Recorded { id, .. }, _) => {
            deployment.record(section, deployment.find(section, id)?)
        }
        _ => None,
    }
}

fn reports(
    tallies: BTreeMap<Code, Tally>,
    findings: &[Finding],
    hidden: &BTreeMap<Code, usize>,
) -> Vec<CheckReport> {
    let report = |(code, tally): (Code, Tally)| {
        let standing = findings.iter().any(|finding| finding.code == code && finding.counts());
        let excused =
            findings.iter().any(|finding| finding.code == code) || hidden.contains_key(&code);
        let result = match tally {
            _ if standing => CheckResult::Fail,
            Tally { undecided: true, .. } => CheckResult::Undecided,
            _ if excused => CheckResult::Waived,
            Tally { examined: 0, .. } => CheckResult::NotApplicable,
            _ => CheckResult::Pass,
        };
        CheckReport {
            code,
            result,
            examined: tally.examined,
            missing: tally.missing.into_iter().collect(),
        }
    };
    tallies.into_iter().map(report).collect()
}

fn verdict(
    deployment: &Deployment,
    findings: &[Finding],
    checks: &[CheckReport],
    levels: &Levels,
) -> Verdict {
    if findings.iter().any(|finding| finding.counts() && finding.severity == Severity::Error) {
        return Verdict::NoGo;
    }
    let open = checks.iter().any(|report| {
        report.result == CheckResult::Undecided
            && levels.severity(deployment, report.code) == Some(Severity::Error)
    });
    if open { Verdict::Undecided } else { Verdict::Go }
}
