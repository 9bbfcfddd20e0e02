//! What a deployment decides, with all that behaves alike numbered once: channels as classes, and
//! of each class and operation how it behaves, which few pairs do in a way of their own.

use super::matrix::{Group, Matrix, MatrixRow, combinations};
use crate::engine::{Cell, Decision, Engine};
use crate::model::{OperationId, RuleId, Rules, Situation, SituationFact, indexed};
use std::collections::BTreeMap;

/// How each class of channels behaves in each operation.
#[derive(Clone, Debug)]
pub struct Behaviours<'e> {
    matrix: Matrix<'e>,
    /// The class of each channel, by the channel's number.
    classes: Vec<usize>,
    /// The behaviour of each pair, by its number.
    pairs: Vec<usize>,
    distinct: Vec<Behaviour>,
}

/// How an operation ends in every situation.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// The operation.
    pub operation: OperationId,
    /// By situation.
    cells: Vec<Cell>,
}

impl<'e> Behaviours<'e> {
    /// Those of every channel.
    pub fn of(engine: &'e Engine) -> Self {
        let matrix = Matrix::of(engine);
        let mut classes = vec![0; engine.channels().count()];
        let (mut pairs, mut distinct) = (Vec::new(), Vec::new());
        let mut known: BTreeMap<(OperationId, &[Cell]), usize> = BTreeMap::new();
        let mut tables = Vec::new();
        for (class, group) in matrix.groups().iter().enumerate() {
            for channel in group.channels() {
                if let Some(place) = classes.get_mut(channel.number()) {
                    *place = class;
                }
            }
            tables.extend(group.channels().first().map(|channel| channel.table()));
        }
        for table in tables {
            for operation in engine.rules().operation_ids() {
                let cells = table.cells(operation);
                let number = *known.entry((operation, cells)).or_insert(distinct.len());
                if number == distinct.len() {
                    distinct.push(Behaviour { operation, cells: cells.to_vec() });
                }
                pairs.push(number);
            }
        }
        Self { matrix, classes, pairs, distinct }
    }

    /// The engine.
    pub fn engine(&self) -> &'e Engine {
        self.matrix.engine()
    }

    /// The matrix that they are made of.
    pub fn matrix(&self) -> &Matrix<'e> {
        &self.matrix
    }

    /// The classes of channels, the largest first; the number of one is its place.
    pub fn classes(&self) -> &[Group<'e>] {
        self.matrix.groups()
    }

    /// The class of the channel with this number.
    pub fn class_of(&self, channel: usize) -> usize {
        *indexed(&self.classes, channel)
    }

    /// The number of the behaviour of each pair, by the pair's number.
    pub fn pairs(&self) -> &[usize] {
        &self.pairs
    }

    /// Every behaviour, by number.
    pub fn all(&self) -> &[Behaviour] {
        &self.distinct
    }

    /// The number of the behaviour of a class in an operation.
    pub fn behaviour_of(&self, class: usize, operation: OperationId) -> usize {
        *indexed(&self.pairs, class * self.engine().rules().operations.len() + operation.index())
    }
}

impl Behaviour {
    /// The rule that decides in each situation, by the situation's number; `None` where the
    /// situation cannot be.
    pub fn rules(&self) -> impl Iterator<Item = Option<RuleId>> {
        self.cells.iter().map(|cell| cell.is_decision().then(|| cell.rule()))
    }

    /// The rule that decides in a situation; `None` where the situation cannot be.
    pub fn rule(&self, situation: Situation) -> Option<RuleId> {
        let cell = self.cells.get(situation.index())?;
        cell.is_decision().then(|| cell.rule())
    }

    /// The facts of the situation that make a difference here.
    pub fn facts(&self) -> Vec<SituationFact> {
        SituationFact::ALL.iter().copied().filter(|fact| self.depends_on(*fact)).collect()
    }

    fn depends_on(&self, fact: SituationFact) -> bool {
        let differs = |situation: Situation| {
            let first = situation.with(fact, 0).index();
            self.cells.get(situation.index()) != self.cells.get(first)
        };
        Situation::all().any(differs)
    }

    /// A row for each combination of those facts that can be.
    pub fn rows<'e>(&self, rules: &'e Rules) -> Vec<MatrixRow<'e>> {
        let facts = self.facts();
        let row = |situation: Situation| {
            let cell = *self.cells.get(situation.index())?;
            Some(MatrixRow {
                facts: facts.iter().map(|fact| (*fact, situation.word(*fact))).collect(),
                situation,
                decision: Decision::of_cell(rules, cell)?,
                is_settled: true,
            })
        };
        combinations(&facts).into_iter().filter_map(row).collect()
    }
}
