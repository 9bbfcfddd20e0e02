//! Features, settings, conditions, jobs, and the edges between them.

use super::bind::{Binder, optional, owned};
use crate::diagnostic::{Code, Finding};
use crate::features;
use crate::model::relied::Unmet;
use crate::model::{
    Basis, ChannelTable, ChannelTableId, Circumstance, CircumstanceId, Edge, EdgeKind, Exchange,
    Feature, FeatureId, Fields, Job, JobEffect, JobId, JobKind, KeyName, KeyOf, Names, Node,
    Placed, Setting, SettingId, Value, Version, Wait, Way,
};
use std::collections::HashMap;

impl Binder<'_> {
    pub(super) fn prerequisites(&mut self) {
        for (id, fields) in self.numbered("feature", FeatureId::checked, FeatureId::MOST) {
            let feature = self.bind_feature(fields);
            self.name_feature(id, &feature);
            self.rules.features.push(feature);
        }
        for (id, fields) in self.numbered("setting", SettingId::checked, SettingId::MOST) {
            let setting = self.bind_setting(fields);
            let names = setting.names.iter().flat_map(|(_, names)| names);
            for name in std::iter::once(&setting.id).chain(names) {
                // Settings of one label stand on different pages; the first is the one meant.
                let folded = crate::model::name::fold(name).into_owned();
                self.rules.names.settings.entry(folded).or_insert(id);
            }
            self.rules.settings.push(setting);
        }
        let conditions = self.numbered("condition", CircumstanceId::checked, CircumstanceId::MOST);
        for (_, fields) in conditions {
            let circumstance = Circumstance {
                id: fields.record.id.clone(),
                text: owned(fields, "text"),
                span: fields.record.span,
            };
            self.rules.circumstances.push(circumstance);
        }
        for (id, fields) in self.numbered("job", JobId::checked, JobId::MOST) {
            let job = self.bind_job(fields);
            self.name_job(id, &job);
            self.rules.jobs.push(job);
        }
        self.exchanges();
        self.ways();
        let tables = self.numbered("table", ChannelTableId::checked, ChannelTableId::MOST);
        let tables = tables.into_iter().map(|(_, fields)| ChannelTable {
            id: fields.record.id.clone(),
            text: owned(fields, "text"),
            processed_by: fields.text("processed-by").and_then(JobEffect::from_word),
            with_orders: fields.is_on("with-orders"),
        });
        self.rules.channel_tables = tables.collect();
        let nodes = self.nodes();
        for fields in self.each("edge") {
            let edge = self.bind_edge(fields, &nodes);
            self.rules.edges.extend(edge);
        }
        self.cycles();
    }

    fn bind_feature(&mut self, fields: Fields<'_>) -> Feature {
        Feature {
            id: fields.record.id.clone(),
            node: optional(fields, "node"),
            names: names(fields),
            classes: fields.texts("classes"),
            since: fields.version("since"),
            since_basis: optional(fields, "since-basis"),
            on_by_default_since: fields.version("on-by-default-since"),
            mandatory_since: fields.version("mandatory-since"),
            text: owned(fields, "text"),
            documents: self.documents(fields),
            span: fields.record.span,
        }
    }

    fn name_feature(&mut self, id: FeatureId, feature: &Feature) {
        let names = feature.names.iter().flat_map(|(_, names)| names);
        for name in std::iter::once(&feature.id).chain(names).chain(&feature.classes) {
            Self::add_name(&mut self.rules.names.features, name, id, feature.span, self.findings);
        }
    }

    fn bind_setting(&mut self, fields: Fields<'_>) -> Setting {
        Setting {
            id: fields.record.id.clone(),
            node: optional(fields, "node"),
            names: names(fields),
            page: optional(fields, "page"),
            key: self.deployment_key(fields, "key"),
            since: fields.version("since"),
            text: owned(fields, "text"),
            documents: self.documents(fields),
            span: fields.record.span,
        }
    }

    /// The section and key of a deployment that `section.key` under `key` means.
    fn deployment_key(&mut self, fields: Fields<'_>, key: &str) -> Option<(String, String)> {
        let written = fields.text(key)?;
        let format = &self.rules.format;
        let is_declared = |section: &str, name: &str| {
            format.section(section).is_some_and(|(_, section)| section.key(name).is_some())
        };
        let declared = written.split_once('.').filter(|(section, name)| is_declared(section, name));
        if declared.is_none() {
            self.dangling("key of a deployment", written, fields.span(key), []);
        }
        declared.map(|(section, name)| (section.to_owned(), name.to_owned()))
    }

    fn exchanges(&mut self) {
        for fields in self.each("exchange") {
            let Some(Value::Duration(default)) = fields.value("default") else { continue };
            let written = self.deployment_key(fields, "interval");
            let interval = written.and_then(|(section, key)| {
                let (section, declared) = self.rules.format.section(section.as_str())?;
                Some(KeyOf { section, key: declared.key(key.as_str())?.0 })
            });
            let Some(interval) = interval else { continue };
            self.rules.exchanges.push(Exchange {
                id: fields.record.id.clone(),
                name: owned(fields, "name"),
                interval,
                default: *default,
            });
        }
        // What a simulation carries at the intervals of groups must say how often by default.
        for key in [KeyName::UploadInterval, KeyName::DownloadInterval] {
            if self.rules.exchange_at(key).is_none() && !self.rules.format.sections.is_empty() {
                self.unmet(Unmet::Exchange(key));
            }
        }
    }

    fn ways(&mut self) {
        for fields in self.each("way") {
            let feature = fields.text("feature").and_then(|name| {
                let feature = self.rules.feature_named(name);
                if feature.is_none() {
                    self.dangling("feature", name, fields.span("feature"), []);
                }
                feature
            });
            let way = Way {
                id: fields.record.id.clone(),
                title: owned(fields, "title"),
                waits: self.waits(fields, "waits"),
                elsewhere: self.waits(fields, "elsewhere"),
                feature,
                first: fields.boolean("first") == Some(true),
                sources: self.sources(fields, "sources"),
            };
            self.rules.ways.push(way);
        }
    }

    /// What a customer waits for: exchanges and jobs, by their names.
    fn waits(&mut self, fields: Fields<'_>, key: &str) -> Vec<Wait> {
        let mut waits = Vec::new();
        for placed in fields.list(key) {
            let Some(name) = placed.value.as_text() else { continue };
            let exchange = self.rules.exchanges.iter().position(|it| it.id == name);
            let job = || self.rules.job_named(name).map(Wait::Job);
            if let Some(wait) = exchange.map(Wait::Exchange).or_else(job) {
                waits.push(wait);
                continue;
            }
            let jobs = self.rules.jobs.iter().map(|job| job.id.clone());
            let exchanges = self.rules.exchanges.iter().map(|it| it.id.clone());
            let known: Vec<String> = exchanges.chain(jobs).collect();
            let known = known.iter().map(String::as_str);
            self.dangling("exchange or job", name, placed.span, known);
        }
        waits
    }

    fn bind_job(&mut self, fields: Fields<'_>) -> Job {
        let kind = match (fields.text("kind"), fields.text("direction")) {
            (Some("batch-job"), _) => JobKind::Batch,
            (_, Some("upload")) => JobKind::Upload,
            _ => JobKind::Download,
        };
        Job {
            id: fields.record.id.clone(),
            kind,
            names: names(fields),
            page: optional(fields, "page"),
            text: owned(fields, "text"),
            does: fields
                .texts("does")
                .iter()
                .filter_map(|word| JobEffect::from_word(word))
                .collect(),
            recorded_at: self.deployment_key(fields, "recorded-at"),
            documents: self.documents(fields),
            statements: self.sources(fields, "statements"),
            span: fields.record.span,
        }
    }

    fn name_job(&mut self, id: JobId, job: &Job) {
        let index = match job.kind {
            JobKind::Batch => &mut self.rules.names.batch_jobs,
            JobKind::Download | JobKind::Upload => &mut self.rules.names.distribution_jobs,
        };
        let names = job.names.iter().flat_map(|(_, names)| names);
        for name in std::iter::once(&job.id).chain(names) {
            Self::add_name(index, name, id, job.span, self.findings);
        }
    }

    /// Every node by id; an id that two sorts of nodes share is told.
    fn nodes(&mut self) -> HashMap<String, Node> {
        let rules = &self.rules;
        let span = |node| match node {
            Node::Feature(id) => rules.feature(id).span,
            Node::Setting(id) => rules.setting(id).span,
            Node::Circumstance(id) => rules.circumstance(id).span,
            Node::Job(id) => rules.job(id).span,
        };
        let mut nodes = HashMap::new();
        for node in rules.nodes() {
            let id = rules.node_id(node);
            if nodes.insert(id.to_owned(), node).is_some() {
                let message = format!("`{id}` is the id of two nodes of the prerequisite graph");
                self.findings
                    .push(Finding::new(Code::DUPLICATE, message).at(span(node)).detail(id));
            }
        }
        nodes
    }

    /// An edge; `None` where it does not say of which kind it is, which is told.
    fn bind_edge(&mut self, fields: Fields<'_>, nodes: &HashMap<String, Node>) -> Option<Edge> {
        Some(Edge {
            id: owned(fields, "id"),
            from: self.ends(fields, "from", nodes),
            kind: fields.text("kind").and_then(EdgeKind::from_word)?,
            to: self.ends(fields, "to", nodes),
            versions: self.versions(fields),
            text: optional(fields, "text"),
            // The format says so where none is given; a wrong word is told as it is read.
            basis: fields.text("basis").and_then(Basis::from_word).unwrap_or(Basis::Documented),
            documents: self.documents(fields),
            span: fields.record.span,
        })
    }

    /// The first and the last version that an edge holds for.
    fn versions(&mut self, fields: Fields<'_>) -> Option<(Version, Version)> {
        let given = fields.placed("versions")?;
        let versions = fields.list("versions").into_iter().map(|placed| &placed.value);
        match versions.collect::<Vec<_>>().as_slice() {
            [Value::Version(first), Value::Version(last)] => Some((*first, *last)),
            _ => {
                let message = "`versions` are not two versions".to_owned();
                self.out_of_range(message, given.span, "the first and the last it holds for");
                None
            }
        }
    }

    fn ends(&mut self, fields: Fields<'_>, key: &str, nodes: &HashMap<String, Node>) -> Vec<Node> {
        let mut ends = Vec::new();
        for Placed { value, span } in fields.list(key) {
            let Some(id) = value.as_text() else { continue };
            match nodes.get(id) {
                Some(node) => ends.push(*node),
                None => self.dangling("node", id, *span, nodes.keys().map(String::as_str)),
            }
        }
        ends
    }

    /// Features that need each other.
    fn cycles(&mut self) {
        for cycle in features::cycles(&self.rules) {
            let names: Vec<&str> =
                cycle.iter().map(|id| self.rules.feature(*id).id.as_str()).collect();
            let edges = self.rules.edges.iter().filter(|edge| edge.kind == EdgeKind::Requires);
            let steps = cycle.iter().zip(cycle.iter().cycle().skip(1));
            let joins = |edge: &Edge, from: FeatureId, to: FeatureId| {
                edge.from.contains(&Node::Feature(from)) && edge.to.contains(&Node::Feature(to))
            };
            let spans: Vec<_> = steps
                .filter_map(|(from, to)| edges.clone().find(|edge| joins(edge, *from, *to)))
                .map(|edge| (edge.span, edge.id.clone()))
                .collect();
            let Some(first) = names.first() else { continue };
            let message = format!("features require each other: {} → {first}", names.join(" → "));
            let mut finding = Finding::new(Code::CYCLE, message)
                .help("remove one of these edges: none of the features could ever be effective")
                .detail(names.join(" "));
            let mut places = spans.into_iter();
            finding.span = places.next().map(|(span, _)| span);
            for (span, id) in places {
                finding = finding.related(format!("edge {id} is on the cycle too"), span);
            }
            self.findings.push(finding);
        }
    }
}

/// The names by language, English first.
pub(super) fn names(fields: Fields<'_>) -> Names {
    let mut names: Names = fields
        .map("names")
        .iter()
        .map(|(language, names)| {
            let texts = match &names.value {
                Value::List(texts) => texts
                    .iter()
                    .filter_map(|text| text.value.as_text())
                    .map(str::to_owned)
                    .collect(),
                _ => Vec::new(),
            };
            (language.value.clone(), texts)
        })
        .collect();
    names.sort_by_key(|(language, _)| (language != "en", language.clone()));
    names
}
