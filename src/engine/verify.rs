//! The proof of a rule set: every combination decided, every rule reachable, every invariant kept.

use super::space::{Assignment, Space};
use crate::diagnostic::{Code, Finding, Subject};
use crate::features::{Own, Prerequisites};
use crate::model::{
    Claim, Condition, FactId, FeatureId, Invariant, Operation, Origin, Rule, Rules, Version,
    indexed,
};
use std::collections::BTreeMap;

/// What was looked at, and everything that was found.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The operations.
    pub operations: Vec<OperationReport>,
    /// The invariants.
    pub invariants: Vec<InvariantReport>,
    /// What is wrong; empty for rules that are proved.
    pub findings: Vec<Finding>,
}

impl Verification {
    /// How many combinations were looked at, over operations and invariants.
    pub fn combinations(&self) -> u64 {
        let operations = self.operations.iter().map(|report| report.combinations);
        operations.chain(self.invariants.iter().map(|report| report.combinations)).sum()
    }
}

/// What was looked at for one operation.
#[derive(Clone, Debug)]
pub struct OperationReport {
    /// The operation.
    pub id: String,
    /// How many combinations it has.
    pub combinations: u64,
    /// For each rule, in order, its id and how many combinations it decides.
    pub rules: Vec<(String, u64)>,
}

/// What was looked at for one invariant.
#[derive(Clone, Debug)]
pub struct InvariantReport {
    /// The invariant.
    pub id: String,
    /// What it promises.
    pub text: String,
    /// How many combinations, or pairs of them, it speaks of.
    pub combinations: u64,
    /// Whether it holds for all of them.
    pub holds: bool,
}

/// Looks at every combination of every operation.
pub fn verify(rules: &Rules) -> Verification {
    let mut verification =
        Verification { operations: Vec::new(), invariants: Vec::new(), findings: Vec::new() };
    for operation in &rules.operations {
        let report = verify_operation(rules, operation, &mut verification.findings);
        verification.operations.push(report);
    }
    for invariant in &rules.invariants {
        let report = verify_invariant(rules, invariant, &mut verification.findings);
        verification.invariants.push(report);
    }
    verification
}

fn too_large(operation: &Operation) -> Finding {
    let message = format!("`{}` has more than {} combinations", operation.id, Space::LIMIT);
    Finding::new(Code::BAD_FILE, message)
        .at(operation.span)
        .help("let its rules mention fewer facts, or facts with fewer values")
        .about(Subject::new("operation", &operation.id))
}

fn verify_operation(
    rules: &Rules,
    operation: &Operation,
    findings: &mut Vec<Finding>,
) -> OperationReport {
    let space = Space::new(rules, rules.mentioned(operation));
    if space.size().is_none() {
        findings.push(too_large(operation));
    }
    let tried = rules.rules_of(operation);
    let mut deciding = vec![0_u64; tried.len()];
    let mut shadows: Vec<BTreeMap<usize, Assignment>> = vec![BTreeMap::new(); tried.len()];
    let mut undecided: Option<(u64, Assignment)> = None;
    let mut combinations = 0;
    space.each(rules, |values| {
        combinations += 1;
        let mut holding = tried
            .iter()
            .enumerate()
            .filter(|(_, rule)| values.satisfies(rule))
            .map(|(number, _)| number);
        let Some(decides) = holding.next() else {
            undecided.get_or_insert_with(|| (0, values.clone())).0 += 1;
            return;
        };
        if let Some(count) = deciding.get_mut(decides) {
            *count += 1;
        }
        // Kept for all rules: that one never decides is known only when all is walked.
        for shadowed in holding {
            if let Some(by) = shadows.get_mut(shadowed) {
                by.entry(decides).or_insert_with(|| values.clone());
            }
        }
    });
    for ((rule, count), by) in tried.iter().zip(&deciding).zip(&shadows) {
        // A space that is too large was not walked, and says nothing of its rules.
        if *count == 0 && combinations > 0 {
            findings.push(unreachable(rules, rule, tried, by, space.facts()));
        }
    }
    if let Some((count, example)) = undecided {
        findings.push(uncovered(
            rules,
            operation,
            count,
            combinations,
            &example.describe(rules, space.facts()),
        ));
    }
    let rules = tried.iter().zip(deciding).map(|(rule, count)| (rule.id.clone(), count)).collect();
    OperationReport { id: operation.id.clone(), combinations, rules }
}

fn unreachable(
    rules: &Rules,
    rule: &Rule,
    tried: &[Rule],
    by: &BTreeMap<usize, Assignment>,
    facts: &[FactId],
) -> Finding {
    let shadowing: Vec<&Rule> = by.keys().filter_map(|number| tried.get(*number)).collect();
    let names: Vec<String> = shadowing.iter().map(|rule| format!("`{}`", rule.id)).collect();
    let message = if names.is_empty() {
        format!("`{}` never decides: its conditions cannot hold together", rule.id)
    } else {
        format!("`{}` never decides: {} always stands before it", rule.id, names.join(" or "))
    };
    let example = by.iter().next().map(|(first, values)| {
        format!(
            "with {} the answer comes from `{}`; move the rule before that one, or remove it",
            values.describe(rules, facts),
            indexed(tried, *first).id
        )
    });
    let mut finding = Finding::new(Code::UNREACHABLE, message)
        .at(rule.span)
        .help(example.unwrap_or_else(|| "remove the rule, or mend its conditions".to_owned()))
        .about(Subject::new("rule", &rule.id));
    for shadow in shadowing {
        finding = finding.related(format!("`{}` shadows it", shadow.id), shadow.span);
    }
    finding
}

fn uncovered(rules: &Rules, operation: &Operation, count: u64, of: u64, example: &str) -> Finding {
    let message = format!(
        "no rule of `{}` decides {count} of its {of} combinations, such as {example}",
        operation.id
    );
    let mut finding = Finding::new(Code::UNCOVERED, message)
        .at(operation.span)
        .help("give the operation a last rule without conditions, or widen a rule")
        .about(Subject::new("operation", &operation.id));
    if let Some(last) = rules.rules_of(operation).last() {
        finding = finding.related("the last rule tried", last.span);
    }
    finding
}

fn verify_invariant(
    rules: &Rules,
    invariant: &Invariant,
    findings: &mut Vec<Finding>,
) -> InvariantReport {
    let told = findings.len();
    let mut combinations = 0;
    for id in &invariant.operations {
        let operation = rules.operation(*id);
        let (looked_at, finding) = match &invariant.claim {
            Claim::Always(answers) => {
                single(rules, invariant, operation, |rule| answers.include(rule))
            }
            Claim::Never(answers) => {
                single(rules, invariant, operation, |rule| !answers.include(rule))
            }
            Claim::NeverFromTo { turning_on, from, to } => {
                let broken =
                    |before: &Rule, after: &Rule| from.include(before) && to.include(after);
                Comparison {
                    rules,
                    invariant,
                    operation,
                    turning_on,
                    only_without_prerequisites: false,
                }
                .run(broken)
            }
            Claim::SameWithoutPrerequisites { turning_on } => {
                // The rule and not only the outcome: its reason is part of the answer.
                let broken = |before: &Rule, after: &Rule| !std::ptr::eq(before, after);
                Comparison {
                    rules,
                    invariant,
                    operation,
                    turning_on,
                    only_without_prerequisites: true,
                }
                .run(broken)
            }
        };
        combinations += looked_at;
        findings.extend(finding);
    }
    let holds = findings.len() == told;
    InvariantReport { id: invariant.id.clone(), text: invariant.text.clone(), combinations, holds }
}

fn holds(when: &[Condition], values: &Assignment) -> bool {
    when.iter().all(|condition| condition.allows(values.value(condition.fact)))
}

fn broken(invariant: &Invariant, operation: &Operation, message: &str, rules: &[&Rule]) -> Finding {
    let id = &invariant.id;
    let mut finding = Finding::new(
        Code::INVARIANT,
        format!("`{id}` does not hold for `{}`: {message}", operation.id),
    )
    .at(invariant.span)
    .help(format!(
        "the invariant promises that {}; correct the rule or the invariant",
        invariant.text
    ))
    .about(Subject::new("invariant", id))
    .detail(operation.id.clone());
    for rule in rules {
        finding = finding.related(format!("`{}` decides", rule.id), rule.span);
    }
    finding.sources.clone_from(&invariant.sources);
    finding
}

/// An invariant about one configuration: `keeps` says whether an answer keeps it.
fn single(
    rules: &Rules,
    invariant: &Invariant,
    operation: &Operation,
    keeps: impl Fn(&Rule) -> bool,
) -> (u64, Option<Finding>) {
    let mut facts = rules.mentioned(operation);
    facts.extend(invariant.when.iter().map(|condition| condition.fact));
    let space = Space::new(rules, facts);
    if space.size().is_none() {
        return (0, Some(too_large(operation)));
    }
    let (mut looked_at, mut failures) = (0, 0_u64);
    let mut example: Option<(String, &Rule)> = None;
    space.each(rules, |values| {
        let Some(rule) = values.decide(rules, operation) else { return };
        if !holds(&invariant.when, values) || !invariant.answering.include(rule) {
            return;
        }
        looked_at += 1;
        if !keeps(rule) {
            failures += 1;
            example.get_or_insert_with(|| (values.describe(rules, space.facts()), rule));
        }
    });
    let finding = example.map(|(combination, rule)| {
        let message = format!(
            "with {combination} it answers {} ({}) by `{}`; {failures} of {looked_at} \
                combinations break it",
            rule.outcome,
            rules.reason_code(rule.reason),
            rule.id
        );
        broken(invariant, operation, &message, &[rule])
    });
    (looked_at, finding)
}

/// An invariant that compares two configurations, before and after one feature is enabled in
/// headquarters.
struct Comparison<'a> {
    rules: &'a Rules,
    invariant: &'a Invariant,
    operation: &'a Operation,
    turning_on: &'a [FeatureId],
    only_without_prerequisites: bool,
}

impl Comparison<'_> {
    /// Compares every pair; `is_broken` says whether the rules that decide before and after break
    /// the invariant.
    fn run(&self, is_broken: impl Fn(&Rule, &Rule) -> bool) -> (u64, Option<Finding>) {
        let rules = self.rules;
        let mentioned = rules.mentioned(self.operation);
        let feature_of = |fact: &FactId| match rules.fact(*fact).origin {
            Origin::Feature(feature) => Some((*fact, feature)),
            Origin::Situation(_) | Origin::Setting { .. } => None,
        };
        let feature_facts: Vec<(FactId, FeatureId)> =
            mentioned.iter().filter_map(feature_of).collect();
        let prerequisites = Prerequisites::of(rules);
        // Any other feature can't change this operation's answers.
        let features =
            prerequisites.enabling_order(feature_facts.iter().map(|(_, feature)| *feature));
        let mut others: Vec<FactId> =
            mentioned.iter().copied().filter(|fact| feature_of(fact).is_none()).collect();
        others.extend(self.invariant.when.iter().map(|condition| condition.fact));
        let space = Space::new(rules, others);
        // Refused before the shift: so many features alone reach the limit.
        let states = (features.len() < 24).then(|| 1_usize << features.len());
        let size = space.size().zip(states).and_then(|(size, states)| size.checked_mul(states));
        if size.is_none_or(|size| size > Space::LIMIT) {
            return (0, Some(too_large(self.operation)));
        }
        // Once and not for each combination: what is effective depends on no other fact.
        let pairs = self.pairs(&features, &feature_facts, &prerequisites);
        let mut looked_at = 0;
        let mut finding = None;
        space.each(rules, |values| {
            if !holds(&self.invariant.when, values) {
                return;
            }
            for pair in &pairs {
                looked_at += 1;
                let before = self.decide(values, &pair.before);
                let after = self.decide(values, &pair.after);
                let (Some(before), Some(after)) = (before, after) else { continue };
                if finding.is_none() && is_broken(before, after) {
                    finding = Some(self.finding(
                        pair,
                        &values.describe(rules, space.facts()),
                        before,
                        after,
                    ));
                }
            }
        });
        (looked_at, finding)
    }

    /// The rule that decides where these features are effective and all else is as in `values`.
    fn decide(&self, values: &Assignment, effective: &[(FactId, usize)]) -> Option<&Rule> {
        let mut values = values.clone();
        for (fact, value) in effective {
            values.set(*fact, *value);
        }
        values.decide(self.rules, self.operation)
    }

    /// Every pair of enabled states that differ in one of the features turned on, folded into
    /// effective ones.
    fn pairs(
        &self,
        features: &[FeatureId],
        facts: &[(FactId, FeatureId)],
        prerequisites: &Prerequisites,
    ) -> Vec<Pair> {
        let rules = self.rules;
        // The oldest version that has them all, as a newer one makes more of them mandatory, which
        // nobody can turn on; what has no version has always been there.
        let version = features.iter().filter_map(|id| rules.feature(*id).since).max();
        let version = version.unwrap_or(Version::EARLIEST);
        let mandatory =
            |id: FeatureId| rules.feature(id).mandatory_since.is_some_and(|since| since <= version);
        let own = |enabled: usize, id: FeatureId| {
            let number = features.iter().position(|feature| *feature == id);
            match number {
                _ if mandatory(id) => Own::Mandatory,
                Some(number) if enabled >> number & 1 == 1 => Own::On,
                _ => Own::Off,
            }
        };
        let fold = |enabled: usize| {
            let effective = prerequisites.effective(|id| own(enabled, id));
            let is_effective = |id: FeatureId| *indexed(&effective, id.index());
            let values: Vec<(FactId, usize)> = facts
                .iter()
                .map(|(fact, feature)| (*fact, usize::from(is_effective(*feature))))
                .collect();
            (values, effective)
        };
        let mut pairs = Vec::new();
        for (number, feature) in
            features.iter().enumerate().filter(|(_, feature)| self.turning_on.contains(feature))
        {
            for enabled in
                (0..1_usize << features.len()).filter(|enabled| enabled >> number & 1 == 0)
            {
                let (before, _) = fold(enabled);
                let (after, effective) = fold(enabled | 1 << number);
                let lacks = |needed: &FeatureId| !indexed(&effective, needed.index());
                if self.only_without_prerequisites
                    && !prerequisites.direct(*feature).iter().any(lacks)
                {
                    continue;
                }
                let others =
                    features.iter().enumerate().filter(|(number, _)| enabled >> number & 1 == 1);
                let with = others.map(|(_, id)| rules.feature(*id).id.clone()).collect();
                pairs.push(Pair { feature: *feature, with, before, after });
            }
        }
        pairs
    }

    fn finding(&self, pair: &Pair, combination: &str, before: &Rule, after: &Rule) -> Finding {
        let feature = &self.rules.feature(pair.feature).id;
        let with =
            if pair.with.is_empty() { "no other feature".to_owned() } else { pair.with.join(", ") };
        let message = format!(
            "with {combination} and {with} enabled, turning on `{feature}` turns {} (`{}`) into \
                {} (`{}`)",
            before.outcome, before.id, after.outcome, after.id
        );
        broken(self.invariant, self.operation, &message, &[before, after])
    }
}

/// Two configurations that differ in one enabled feature.
struct Pair {
    feature: FeatureId,
    /// The other features enabled.
    with: Vec<String>,
    /// Effective states before.
    before: Vec<(FactId, usize)>,
    /// Effective states after.
    after: Vec<(FactId, usize)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features;
    use crate::model::Rules;

    #[test]
    fn the_embedded_rules_are_proved() {
        let rules = Rules::embedded();
        let verification = verify(&rules);
        let told: Vec<&str> =
            verification.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert!(told.is_empty(), "{told:#?}");
        assert!(verification.combinations() > 1000);
        assert!(
            verification.invariants.iter().all(|report| report.combinations > 0),
            "no invariant is empty"
        );
    }

    #[test]
    fn seven_features_decide() {
        let rules = Rules::embedded();
        let deciding = features::deciding_features(&rules);
        let names: std::collections::BTreeSet<&str> =
            deciding.iter().map(|id| rules.feature(*id).id.as_str()).collect();
        let expected = [
            "async-address-creation",
            "cancel-async-orders",
            "cloud-powered-customer-search",
            "edit-customers-async",
            "enhanced-async-customer-creation",
            "multiple-contacts",
            "order-performance",
        ];
        assert_eq!(names, expected.into());
    }
}
