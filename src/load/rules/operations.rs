//! Reasons, operations, and their rules: guards put before them, groups put in their place.

use super::bind::{Binder, optional, owned};
use crate::diagnostic::{Code, Finding};
use crate::model::{
    Basis, ChannelTableId, Condition, Creation, Fields, Operation, OperationId, Outcome, Reason,
    ReasonId, Rule, RuleId, Value,
};

/// On what authority an operation takes over a rule of a group.
#[derive(Clone, Copy, Default)]
struct Authority<'a> {
    given: Option<Fields<'a>>,
    /// Where the operation takes over the group.
    used: Option<Fields<'a>>,
}

impl Binder<'_> {
    pub(super) fn operations(&mut self) {
        for (_, fields) in self.numbered("reason", ReasonId::checked, ReasonId::MOST) {
            let mut errors = Vec::new();
            for error in fields.records("error") {
                errors.push((owned(error, "id"), self.operations_named(error, "operations")));
            }
            self.rules.reasons.push(Reason {
                id: fields.record.id.clone(),
                text: owned(fields, "text"),
                help: optional(fields, "help"),
                errors,
                span: fields.record.span,
            });
        }
        for (id, fields) in self.numbered("operation", OperationId::checked, OperationId::MOST) {
            self.operation(id, fields);
        }
        if let Some(span) = self.rule_too_many {
            self.too_many("rules", RuleId::MOST, span);
        }
    }

    fn operation(&mut self, id: OperationId, fields: Fields<'_>) {
        let first = self.rules.rules.len();
        let operation = Operation {
            id: fields.record.id.clone(),
            pos: fields
                .map("pos")
                .iter()
                .filter_map(|(number, name)| {
                    Some((number.value.clone(), name.value.as_text()?.to_owned()))
                })
                .collect(),
            api: fields.texts("api"),
            text: owned(fields, "text"),
            channels: fields.texts("channels"),
            needs_customer: fields.is_on("needs-customer"),
            needs_order: fields.is_on("needs-order"),
            creates: fields.text("creates").and_then(Creation::from_word),
            cancels_order: fields.text("cancels") == Some("order"),
            asked_first: fields.is_on("asked-first"),
            writes: self.table(fields),
            reads_only: fields.is_on("reads-only"),
            rules: first..first,
            span: fields.record.span,
        };
        for name in operation.names() {
            Self::add_name(
                &mut self.rules.names.operations,
                name,
                id,
                operation.span,
                self.findings,
            );
        }
        self.guards(&operation, id);
        for rule in fields.records("rule") {
            match rule.text("use") {
                Some(group) => self.group(rule, group, id, &operation),
                None => self.rule(rule, id, &operation, Authority::default()),
            }
        }
        let rules = first..self.rules.rules.len();
        let operation = Operation { rules, ..operation };
        self.repeated_ids(&operation);
        self.async_without_table(&operation);
        self.rules.operations.push(operation);
    }

    /// The table that async rows go to, which some job must process.
    fn table(&mut self, fields: Fields<'_>) -> Option<ChannelTableId> {
        let name = fields.text("writes")?;
        let rules = &self.rules;
        let is_meant = |id: &ChannelTableId| {
            let table = rules.channel_table(*id);
            table.id == name && table.processed_by.is_some()
        };
        let found = rules.channel_table_ids().find(is_meant);
        if found.is_none() {
            let known: Vec<String> =
                self.rules.channel_tables.iter().map(|table| table.id.clone()).collect();
            let what = "table whose rows a job processes";
            self.dangling(what, name, fields.span("writes"), known.iter().map(String::as_str));
        }
        found
    }

    /// Rules that keep something in the channel need a place to keep it in.
    fn async_without_table(&mut self, operation: &Operation) {
        let rules = self.rules.rules_of(operation);
        let rule = rules.iter().find(|rule| rule.outcome == Outcome::Async);
        if let Some(rule) = rule.filter(|_| operation.writes.is_none() && !operation.reads_only) {
            let message = format!(
                "`{}` is async, and `{}` does not say where it `writes`",
                rule.id, operation.id
            );
            let finding = Finding::new(Code::MISSING_KEY, message)
                .at(operation.span)
                .related("the rule", rule.span)
                .help(
                    "add `writes`: the table that gets a row, such as `RETAILASYNCCUSTOMERV2`; or \
                     `reads-only = true` where nothing is kept",
                )
                .detail("writes");
            self.findings.push(finding);
        }
    }

    /// The rules that follow from what the operation declares.
    fn guards(&mut self, operation: &Operation, id: OperationId) {
        for fields in self.each("guard") {
            let when = match fields.text("of") {
                Some("channels") if !operation.channels.is_empty() => {
                    self.not_among(fields, &operation.channels)
                }
                Some("needs-customer") if operation.needs_customer => {
                    self.conditions(fields, "when")
                }
                Some("needs-order") if operation.needs_order => self.conditions(fields, "when"),
                _ => continue,
            };
            self.finish_rule(fields, id, operation, when, Authority::default());
        }
    }

    /// The condition that a guard's fact has none of these values.
    fn not_among(&mut self, fields: Fields<'_>, allowed: &[String]) -> Vec<Condition> {
        let span = fields.span("fact");
        let Some(id) = fields.text("fact").and_then(|name| self.fact(name, span)) else {
            return Vec::new();
        };
        let fact = self.rules.fact(id);
        let excluded = fact.words.iter().enumerate().filter(|(_, word)| !allowed.contains(word));
        let values = excluded.fold(0, |values, (number, _)| values | 1 << number);
        vec![Condition { fact: id, values, span: fields.record.span }]
    }

    /// Puts the rules of a group in the place of `rule`.
    fn group(&mut self, rule: Fields<'_>, name: &str, id: OperationId, operation: &Operation) {
        let Some(group) = self.each("group").find(|group| group.text("id") == Some(name)) else {
            let known: Vec<&str> =
                self.each("group").filter_map(|group| group.text("id")).collect();
            self.dangling("group of rules", name, rule.span("use"), known);
            return;
        };
        let overrides = rule.map("with");
        for (target, _) in overrides {
            if !group.records("rule").any(|rule| rule.text("id") == Some(&target.value)) {
                let known = group.records("rule").filter_map(|rule| rule.text("id"));
                self.dangling(
                    &format!("rule of the group `{name}`"),
                    &target.value,
                    target.span,
                    known,
                );
            }
        }
        let section = rule.section.key("with").and_then(|(_, key)| match &key.kind {
            crate::model::format::Kind::Map(kind) => match &**kind {
                crate::model::format::Kind::Nested(section) => Some(&**section),
                _ => None,
            },
            _ => None,
        });
        for member in group.records("rule") {
            let given = overrides
                .iter()
                .find(|(target, _)| Some(target.value.as_str()) == member.text("id"));
            let given = given.and_then(|(_, value)| match (&value.value, section) {
                (Value::Nested(record), Some(section)) => Some(record.fields(section)),
                _ => None,
            });
            self.rule(member, id, operation, Authority { given, used: Some(rule) });
        }
    }

    fn rule(
        &mut self,
        fields: Fields<'_>,
        id: OperationId,
        operation: &Operation,
        authority: Authority<'_>,
    ) {
        let when = self.conditions(fields, "when");
        if when.len() == fields.map("when").len() {
            self.finish_rule(fields, id, operation, when, authority);
        }
    }

    fn finish_rule(
        &mut self,
        fields: Fields<'_>,
        operation_id: OperationId,
        operation: &Operation,
        when: Vec<Condition>,
        authority: Authority<'_>,
    ) {
        let stated = authority.given.and_then(|given| given.text("basis"));
        let basis = stated.or_else(|| fields.text("basis"));
        let missing: Vec<&str> = ["id", "outcome", "reason"]
            .into_iter()
            .filter(|key| fields.value(key).is_none())
            .collect();
        for key in missing.into_iter().chain(basis.is_none().then_some("basis")) {
            let message = format!("missing `{key}` in a rule of `{}`", operation.id);
            let finding =
                Finding::new(Code::MISSING_KEY, message).at(fields.record.span).detail(key);
            self.findings.push(match authority.used {
                // The group leaves it to each operation on what authority it takes the rule over.
                Some(used) if key == "basis" => {
                    let rule = owned(fields, "id");
                    finding
                        .related("the operation takes over the group here", used.record.span)
                        .help(format!(
                            "write `with = {{ {rule} = {{ basis = \"…\" }} }}` beside `use` there"
                        ))
                }
                _ => finding
                    .help("a rule needs `id`, `outcome`, `reason` and `basis`, or `use` alone"),
            });
        }
        let outcome = fields.text("outcome").and_then(Outcome::from_word);
        let reason =
            fields.text("reason").and_then(|reason| self.reason(reason, fields.span("reason")));
        let (Some(outcome), Some(reason), Some(basis)) =
            (outcome, reason, basis.and_then(Basis::from_word))
        else {
            return;
        };
        let cited =
            authority.given.filter(|given| given.value("sources").is_some()).unwrap_or(fields);
        let sources = self.sources(cited, "sources");
        if RuleId::checked(self.rules.rules.len()).is_none() {
            self.rule_too_many.get_or_insert(fields.record.span);
            return;
        }
        self.rules.rules.push(Rule {
            id: format!("{}/{}", operation.id, owned(fields, "id")),
            operation: operation_id,
            when,
            outcome,
            reason,
            basis,
            sources,
            error_id: self.error_id(reason, operation_id),
            note: optional(fields, "note"),
            span: fields.record.span,
        });
    }

    fn error_id(&self, reason: ReasonId, operation: OperationId) -> Option<String> {
        let errors = &self.rules.reason(reason).errors;
        let holds = |operations: &Vec<OperationId>| {
            operations.is_empty() || operations.contains(&operation)
        };
        errors.iter().find(|(_, operations)| holds(operations)).map(|(id, _)| id.clone())
    }

    /// Two rules of one operation with the same name.
    fn repeated_ids(&mut self, operation: &Operation) {
        let rules = self.rules.rules_of(operation);
        for (number, rule) in rules.iter().enumerate() {
            if let Some(first) = rules.iter().take(number).find(|first| first.id == rule.id) {
                let finding =
                    Finding::new(Code::DUPLICATE, format!("the rule `{}` is there twice", rule.id))
                        .at(rule.span)
                        .related("given here first", first.span)
                        .help("give it another id")
                        .detail(rule.id.clone());
                self.findings.push(finding);
            }
        }
    }
}
