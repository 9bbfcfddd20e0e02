//! The formats of the rule files.

use super::exports;
use crate::diagnostic::Severity;
use crate::load::declare::{key, list, map, records, required, several, texts, unidentified, word};
use crate::model::format::{FormWord, Format, Key, KeyType, Kind, Section};
use crate::model::{Basis, Creation, EdgeKind, JobEffect, Outcome};

/// Fact → value or values.
fn conditions() -> Kind {
    map(several(Kind::Scalar))
}

fn outcomes() -> Kind {
    word(Outcome::WORDS)
}

fn bases() -> Kind {
    word(Basis::WORDS)
}

fn sources() -> Key {
    key("sources", texts(), "statement numbers that say so")
}

fn documents() -> Key {
    key("documents", texts(), "ids of documents that speak of it")
}

fn text() -> Key {
    required("text", Kind::Text, "what it is")
}

fn names() -> Key {
    required("names", map(texts()), "names by language; the first English one is canonical")
}

/// Every section that rule files may hold. Which file holds which is a matter of order only.
pub(crate) fn rules() -> Format {
    let mut sections = facts();
    sections.extend(operations());
    sections.extend(features());
    sections.extend(edges_and_jobs());
    sections.extend(deployment());
    sections.extend(sources_of_truth());
    sections.push(invariant());
    sections.push(check());
    sections.push(control());
    sections.extend(exports::sections());
    Format { root: Vec::new(), sections, relied: Vec::new() }
}

fn facts() -> Vec<Section> {
    vec![
        records(
            "fact",
            "something known about a request, one of a finite set of values",
            vec![
                required("id", Kind::Text, "its name"),
                required("values", list(Kind::Scalar), "its values"),
                required(
                    "from",
                    Kind::Text,
                    "`situation`, `channel`, or the section that holds it",
                ),
                key("key", Kind::Text, "the key of that section"),
                key("default", Kind::Scalar, "the value where none is given"),
                key("since", Kind::Version, "the version before which it counts as its default"),
                key(
                    "requires",
                    texts(),
                    "boolean facts that must be true, or it counts as its default",
                ),
                text(),
                sources(),
            ],
        ),
        records(
            "reach",
            "how a channel reaches the record of a section",
            vec![
                required("section", Kind::Text, "the section"),
                required(
                    "through",
                    list(texts()),
                    "references to follow; of each step the first that is given",
                ),
            ],
        ),
        records(
            "impossible",
            "a combination that cannot be",
            vec![
                required("when", conditions(), "the facts and values that exclude each other"),
                text(),
            ],
        ),
    ]
}

fn rule_keys(id_required: bool) -> Vec<Key> {
    let id = if id_required { required } else { key };
    vec![
        id("id", Kind::Text, "its name within the operation"),
        key("use", Kind::Text, "a group of rules that stands here instead of one rule"),
        key(
            "with",
            map(Kind::Nested(Box::new(records(
                "with",
                "on what authority",
                vec![key("basis", bases(), "the basis"), sources()],
            )))),
            "for rules of the group by id, the basis and sources they have here",
        ),
        key("when", conditions(), "the facts and values that must hold; left out, always"),
        key("outcome", outcomes(), "how the operation ends"),
        key("reason", Kind::Text, "why"),
        key("basis", bases(), "on what authority"),
        sources(),
        key("note", Kind::Text, "what else to know, such as a contradiction between sources"),
    ]
}

fn operations() -> Vec<Section> {
    let group_rules =
        Kind::Records(Box::new(records("rule", "a rule of the group", rule_keys(true))));
    let rules =
        Kind::Records(Box::new(records("rule", "a rule, or a group of them", rule_keys(false))));
    let error = records(
        "error",
        "the product's error id",
        vec![
            required("id", Kind::Text, "the error id"),
            key("operations", texts(), "the operations it holds for; left out, all"),
        ],
    );
    vec![
        records(
            "guard",
            "a rule that operations have from what they declare, before their own",
            vec![
                required("id", Kind::Text, "its name within the operation"),
                required(
                    "of",
                    word(&["channels", "needs-customer", "needs-order"]),
                    "the declaration it follows from",
                ),
                key("fact", Kind::Text, "with `channels`: the fact whose value must be among them"),
                key("when", conditions(), "with a need: the facts and values that leave it unmet"),
                required("outcome", outcomes(), "how the operation ends"),
                required("reason", Kind::Text, "why"),
                required("basis", bases(), "on what authority"),
            ],
        ),
        records(
            "group",
            "rules that several operations share",
            vec![
                required("id", Kind::Text, "its name"),
                text(),
                required("rule", group_rules, "its rules, in order"),
            ],
        ),
        records(
            "operation",
            "a customer operation",
            vec![
                required("id", Kind::Text, "its name"),
                key("pos", map(Kind::Text), "its POS operations: number and name"),
                key("api", texts(), "its names in the API of the Commerce Scale Unit"),
                text(),
                key("channels", texts(), "the kinds of channel that offer it; left out, all"),
                key("needs-customer", Kind::Boolean, "whether it is done to a customer"),
                key("needs-order", Kind::Boolean, "whether it is done to an order"),
                key("creates", word(Creation::WORDS), "what it brings into being"),
                key("cancels", word(&["order"]), "what it ends"),
                key(
                    "asked-first",
                    Kind::Boolean,
                    "whether the report shows it on its first screen",
                ),
                key("writes", Kind::Text, "the table that an async operation adds a row to"),
                key(
                    "reads-only",
                    Kind::Boolean,
                    "whether it only looks something up, so that an async answer leaves no row",
                ),
                required("rule", rules, "its rules, in order"),
            ],
        ),
        records(
            "reason",
            "why an operation is answered as it is",
            vec![
                required("id", Kind::Text, "its code"),
                text(),
                key("help", Kind::Text, "what can be done about it"),
                key("error", Kind::Records(Box::new(error)), "the product's error ids"),
            ],
        ),
    ]
}

fn features() -> Vec<Section> {
    let basis = || {
        key(
            "since-basis",
            word(&["assumed", "inferred"]),
            "how `since` is known where no source says it",
        )
    };
    let since = || key("since", Kind::Version, "the version that introduced it");
    vec![
        records(
            "feature",
            "a feature of Feature management",
            vec![
                required("id", Kind::Text, "its id"),
                key("node", Kind::Text, "its number in the dossier of features"),
                names(),
                key("classes", texts(), "its class names in the product"),
                since(),
                basis(),
                key(
                    "on-by-default-since",
                    Kind::Version,
                    "the version since which it is on unless turned off",
                ),
                key(
                    "mandatory-since",
                    Kind::Version,
                    "the version since which it cannot be turned off",
                ),
                text(),
                documents(),
            ],
        ),
        records(
            "setting",
            "a setting that edges speak of",
            vec![
                required("id", Kind::Text, "its id"),
                key("node", Kind::Text, "its number in the dossier of features"),
                names(),
                key("page", Kind::Text, "the page that shows it"),
                key("key", Kind::Text, "`section.key` of a deployment that holds it"),
                since(),
                basis(),
                text(),
                documents(),
            ],
        ),
        records(
            "condition",
            "what edges speak of and no deployment holds",
            vec![required("id", Kind::Text, "its id"), text()],
        ),
    ]
}

fn edges_and_jobs() -> Vec<Section> {
    vec![edge(), job(), exchange(), way(), table()]
}

fn edge() -> Section {
    let nodes = || list(Kind::Text);
    unidentified(
        "edge",
        "an edge of the prerequisite graph",
        vec![
            required("id", Kind::Text, "its number; several records may share it"),
            required("from", nodes(), "ids of features, settings, conditions or jobs"),
            required("kind", word(EdgeKind::WORDS), "what it says"),
            key("to", nodes(), "ids of features, settings, conditions or jobs"),
            key("versions", list(Kind::Version), "the first and the last version it holds for"),
            key("text", Kind::Text, "what else to know"),
            key("basis", bases(), "on what authority; left out, documented"),
            documents(),
        ],
    )
}

fn job() -> Section {
    records(
        "job",
        "a job",
        vec![
            required("id", Kind::Text, "its number or name"),
            required("kind", word(&["distribution-schedule", "batch-job"]), "what runs it"),
            key(
                "direction",
                word(&["download", "upload"]),
                "which way a distribution schedule's job carries",
            ),
            names(),
            key("page", Kind::Text, "the page that shows it"),
            text(),
            key("does", list(word(JobEffect::WORDS)), "what it does to a store"),
            key(
                "recorded-at",
                Kind::Text,
                "`section.key` of a deployment that records its last run too",
            ),
            documents(),
            key("statements", texts(), "statement numbers that speak of it"),
        ],
    )
}

fn exchange() -> Section {
    records(
        "exchange",
        "what Commerce Data Exchange carries by itself",
        vec![
            required("id", Kind::Text, "its id"),
            required("name", Kind::Text, "what people call it"),
            required("interval", Kind::Text, "`section.key` of a deployment that gives how often"),
            required("default", Kind::Duration, "how often, where that is not given"),
            sources(),
        ],
    )
}

fn way() -> Section {
    records(
        "way",
        "the way of a customer that is created in a channel, until it is of use somewhere",
        vec![
            required("id", Kind::Text, "its id"),
            required("title", Kind::Text, "where the customer then is, in a few words"),
            required("waits", texts(), "what it waits for, in order: exchanges and jobs"),
            key("elsewhere", texts(), "what follows in the other channels, the slowest of them"),
            key("feature", Kind::Text, "the feature without which there is no such way"),
            key("first", Kind::Boolean, "whether it is told first"),
            sources(),
        ],
    )
}

/// What processes rows that async operations add to tables.
const PROCESSING: [JobEffect; 2] = [JobEffect::SynchronizeCustomers, JobEffect::SynchronizeOrders];

fn table() -> Section {
    records(
        "table",
        "a table that scheduler subjobs carry",
        vec![
            required("id", Kind::Text, "its name"),
            text(),
            key(
                "processed-by",
                word(&PROCESSING.map(JobEffect::as_str)),
                "the effect of a job that processes rows which async operations add to it",
            ),
            key(
                "with-orders",
                Kind::Boolean,
                "whether a customer's rows are processed with the customer's orders",
            ),
        ],
    )
}

fn deployment() -> Vec<Section> {
    let keys = records(
        "key",
        "a key of the section",
        vec![
            required("id", Kind::Text, "its name in files"),
            required("type", word(KeyType::WORDS), "what its value is"),
            key("values", texts(), "the words it may be"),
            key("to", Kind::Text, "the section it refers to"),
            key("least", Kind::Integer { least: i64::MIN, most: i64::MAX }, "the least it may be"),
            key("most", Kind::Integer { least: i64::MIN, most: i64::MAX }, "the most it may be"),
            key("required", Kind::Boolean, "whether it must be given"),
            key("name", Kind::Text, "its label in headquarters"),
            key("page", Kind::Text, "the page that shows it, where it is not the section's"),
            key("pages", map(Kind::Text), "the page for each `kind` of record, where it differs"),
            text(),
            sources(),
        ],
    );
    vec![records(
        "section",
        "a section of a deployment",
        vec![
            required("id", Kind::Text, "its name in files"),
            required("form", word(FormWord::WORDS), "how it is written"),
            key("values", texts(), "the words that codes may have"),
            key("identity", Kind::Text, "the key that tells its records apart"),
            required("title", Kind::Text, "what one of its records is called"),
            key(
                "referred",
                Kind::Boolean,
                "whether a record that nothing refers to is worth a warning",
            ),
            key("page", Kind::Text, "where headquarters shows it"),
            key("pages", map(Kind::Text), "the page for each `kind` of record, where it differs"),
            text(),
            key("key", Kind::Records(Box::new(keys)), "its keys"),
        ],
    )]
}

/// What must be given of a document, or be said not to be known.
pub(super) const UNKNOWN: [&str; 3] = ["date", "path", "link"];

fn sources_of_truth() -> Vec<Section> {
    let tag = || {
        key(
            "tag",
            word(&["inferred", "third-party", "legacy"]),
            "how it is known where it was not read",
        )
    };
    let said = |id: &str| required(id, Kind::Text, "what is said");
    vec![
        records(
            "document",
            "a document that statements are read from",
            vec![
                required("id", Kind::Text, "its key"),
                required("title", Kind::Text, "what it is"),
                required("language", Kind::Text, "its language"),
                key("translation", word(&["human", "machine"]), "who translated it"),
                key("note", Kind::Text, "what else to know, and what is not known of its place"),
                key("date", Kind::Date, "its date, where it gives one"),
                key("dating", Kind::Text, "what is known of a date that is no day"),
                key("version", Kind::Text, "the version it speaks of"),
                key("repository", Kind::Text, "the public repository that it stands in"),
                key("path", Kind::Text, "its path there, or beside these rules"),
                key("link", Kind::Text, "where it is public"),
                key("unknown", list(word(&UNKNOWN)), "what of these is not known of it"),
            ],
        ),
        records(
            "statement",
            "a numbered statement about the product",
            vec![
                required("id", Kind::Text, "its number"),
                text(),
                documents(),
                tag(),
                key("superseded-by", Kind::Text, "the statement that took its place"),
                key("note", Kind::Text, "what else to know"),
            ],
        ),
        records(
            "contradiction",
            "two sources that disagree",
            vec![
                required("id", Kind::Text, "its number"),
                said("subject"),
                said("one"),
                said("other"),
                required("reading", Kind::Text, "what the rules follow"),
                documents(),
                key("statements", texts(), "the statements concerned"),
            ],
        ),
        records(
            "failure",
            "a failure that people met in production",
            vec![
                required("id", Kind::Text, "its number"),
                said("symptom"),
                said("cause"),
                said("fix"),
                documents(),
                tag(),
            ],
        ),
        records(
            "term",
            "a term that people meet and that is no feature, setting, job or operation",
            vec![
                required("id", Kind::Text, "the term itself"),
                key("names", map(texts()), "what else it is called, by language"),
                text(),
                key("page", Kind::Text, "where headquarters shows it"),
                key("statements", texts(), "statement numbers that speak of it"),
            ],
        ),
    ]
}

fn answers(id: &str, text: &str) -> Key {
    let answers = records(
        id,
        text,
        vec![
            key("outcome", several(outcomes()), "outcomes"),
            key("reason", several(Kind::Text), "reasons"),
            key("basis", several(bases()), "bases"),
        ],
    );
    key(id, Kind::Nested(Box::new(answers)), text)
}

fn invariant() -> Section {
    records(
        "invariant",
        "what must hold whatever is configured",
        vec![
            required("id", Kind::Text, "its name"),
            text(),
            key("operations", texts(), "the operations it speaks of; left out, all"),
            key(
                "operations-that",
                word(&["need-customer", "need-order"]),
                "the operations it speaks of, by what they need",
            ),
            key("when", conditions(), "the combinations it speaks of"),
            answers("answering", "the answers it speaks of"),
            answers("always", "the answer is one of these"),
            answers("never", "the answer is none of these"),
            key(
                "turning-on",
                several(Kind::Text),
                "`any`, or features: two configurations are compared, before and after",
            ),
            answers("from", "answers before"),
            answers("never-to", "answers that must not follow"),
            key("while", word(&["a-prerequisite-is-off"]), "the configurations it speaks of"),
            key("same", Kind::Boolean, "whether the answer must be the same before and after"),
            sources(),
        ],
    )
}

fn check() -> Section {
    let bound = |id: &str, text: &str| key(id, Kind::Scalar, text);
    let comparison = records(
        "comparison",
        "how a fact is compared",
        vec![
            key("not", several(Kind::Scalar), "it is none of these"),
            bound("below", "it is less, older or shorter"),
            bound("above", "it is more, newer or longer"),
            key("not-fact", Kind::Text, "it has no value in common with this fact"),
            key("below-fact", Kind::Text, "it is less, older or shorter than this fact"),
            key("above-fact", Kind::Text, "it is more, newer or longer than this fact"),
        ],
    );
    let tests = || map(Kind::Comparison(Box::new(comparison.clone())));
    records(
        "check",
        "a go-live check",
        vec![
            required("code", Kind::Code, "its code"),
            required("severity", word(&Severity::ALL.map(Severity::as_str)), "its severity"),
            required("title", Kind::Text, "what it looks for, in a few words"),
            required("subject", Kind::Text, "the kind of subject it looks at"),
            key("given", tests(), "the subjects it looks at: facts and values that must all hold"),
            key("fails", tests(), "what is wrong: facts and values that must all hold"),
            required(
                "message",
                Kind::Text,
                "what to tell; `{fact}` stands for a fact of the subject",
            ),
            required("help", Kind::Text, "what to do about it"),
            required("why", Kind::Text, "why it matters"),
            key("at", Kind::Text, "the fact whose place it points at"),
            key("instead-of", Kind::Code, "a general check that it takes the place of"),
            sources(),
        ],
    )
}

fn control() -> Section {
    records(
        "control",
        "a control that checks are evidence of",
        vec![
            required("id", Kind::Text, "what auditors call it"),
            required("title", Kind::Text, "what it demands, in a few words"),
            required("codes", list(Kind::Code), "the checks"),
        ],
    )
}
