//! Decisions per second in memory: `create-customer` by this engine, by a bare array, by hand, and
//! by expression languages, over the same inputs.

use cel::common::types::{CelBool, CelString};
use cel::common::value::CowVal;
use cel::context::{Context, VariableResolver};
use cel::{Program, Value};
use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use syncgate::engine::{Channel, Engine};
use syncgate::model::{
    Connection, Deployment, OperationId, Outcome, RealTimeService, Rules, Situation, SituationFact,
};
use syncgate_benches::random::Random;
use syncgate_benches::table::{TextTable, digits, reached, times};
use syncgate_benches::timing::{Contender, Samples, in_turn};
use zen_expression::expression::Standard;
use zen_expression::scope::Scope;
use zen_expression::variable::{Symbol, Variable, VariableMap};
use zen_expression::vm::VM;
use zen_expression::{Expression, compile_expression};

/// How many inputs there are.
const INPUTS: usize = 4096;
/// How often each contender is measured.
const ROUNDS: usize = 41;
/// How long one sample takes, about.
const SAMPLE: Duration = Duration::from_millis(4);

/// The rules of create-customer as one conditional expression of CEL.
const CEL: &str = "\
    offline && filtered ? 'rejected' : \
    offline && !offline_creation ? 'rejected' : \
    offline ? 'async' : \
    async_mode ? 'async' : \
    real_time_service == 'communication-failure' ? 'async' : \
    real_time_service == 'other-failure' ? 'rejected' : \
    'sync'";

/// The same in the words of ZEN.
const ZEN: &str = "\
    offline and filtered ? 'rejected' : \
    offline and not offline_creation ? 'rejected' : \
    offline ? 'async' : \
    async_mode ? 'async' : \
    real_time_service == 'communication-failure' ? 'async' : \
    real_time_service == 'other-failure' ? 'rejected' : \
    'sync'";

/// What create-customer depends on.
#[derive(Clone, Copy, Debug)]
struct Facts {
    offline: bool,
    filtered: bool,
    offline_creation: bool,
    async_mode: bool,
    real_time_service: RealTimeService,
}

impl Facts {
    fn of(profile: Profile, situation: Situation) -> Self {
        Self {
            offline: situation.value(SituationFact::Connection) == Connection::Offline as usize,
            filtered: profile.filtered,
            offline_creation: profile.offline_creation,
            async_mode: profile.async_mode,
            real_time_service: RealTimeService::ALL
                [situation.value(SituationFact::RealTimeService)],
        }
    }
}

/// What a channel is given.
#[derive(Clone, Copy, Debug)]
struct Profile {
    is_store: bool,
    filtered: bool,
    offline_creation: bool,
    async_mode: bool,
}

/// A store of every kind that create-customer tells apart, and two web shops.
fn profiles() -> Vec<Profile> {
    let bit = |number: usize, bit: usize| number >> bit & 1 == 1;
    let store = |number| Profile {
        is_store: true,
        filtered: bit(number, 0),
        offline_creation: bit(number, 1),
        async_mode: bit(number, 2),
    };
    let shop = |number| Profile {
        is_store: false,
        filtered: false,
        offline_creation: true,
        async_mode: bit(number, 0),
    };
    (0..8).map(store).chain((0..2).map(shop)).collect()
}

/// A deployment with a channel for each profile, called `c0`, `c1` and so on.
fn deployment(profiles: &[Profile]) -> String {
    let mut text = String::from(
        r#"
[deployment]
name = "All kinds"
commerce-version = "10.0.40"
as-of = 2026-11-20T08:00:00Z

[[channel-schema]]
name = "plain"
filter-shared-customer-data-tables = false

[[channel-schema]]
name = "filtered"
filter-shared-customer-data-tables = true

[[channel-database-group]]
name = "plain"
channel-schema = "plain"

[[channel-database-group]]
name = "filtered"
channel-schema = "filtered"
"#,
    );
    for (number, profile) in profiles.iter().enumerate() {
        let Profile { is_store, filtered, offline_creation, async_mode } = profile;
        let group = if *filtered { "filtered" } else { "plain" };
        text += &format!(
            r#"
[[functionality-profile]]
id = "P{number}"
kind = "{}"
create-customer-in-async-mode = {async_mode}
{}
[[channel]]
id = "c{number}"
kind = "{}"
functionality-profile = "P{number}"
channel-database-group = "plain"
{}
supports-offline = {is_store}
"#,
            if *is_store { "pos" } else { "online" },
            if *is_store {
                format!("offline-customer-creation = {offline_creation}\n")
            } else {
                String::new()
            },
            if *is_store { "store" } else { "online" },
            if *is_store { format!("offline-database-group = \"{group}\"") } else { String::new() },
        );
    }
    text
}

/// The same moments in every contender's form.
struct Inputs {
    /// For the engine and the array: the channel's place among the handles, and the situation.
    requests: Vec<(u8, Situation)>,
    /// For the others: the facts.
    facts: Vec<Facts>,
}

impl Inputs {
    fn new(profiles: &[Profile]) -> Self {
        let mut random = Random::new(1);
        let mut inputs = Self { requests: Vec::new(), facts: Vec::new() };
        while inputs.facts.len() < INPUTS {
            let channel = random.below(profiles.len());
            let Some(situation) = Situation::from_index(random.below(Situation::COUNT)) else {
                continue;
            };
            let facts = Facts::of(profiles[channel], situation);
            if facts.offline && !profiles[channel].is_store {
                continue; // A web shop is never offline.
            }
            inputs.requests.push((channel as u8, situation));
            inputs.facts.push(facts);
        }
        inputs
    }
}

/// The rules as one would write them down in Rust.
fn by_hand(facts: &Facts) -> Outcome {
    match facts {
        Facts { offline: true, filtered: true, .. } => Outcome::Rejected,
        Facts { offline: true, offline_creation: false, .. } => Outcome::Rejected,
        Facts { offline: true, .. } => Outcome::Async,
        Facts { async_mode: true, .. } => Outcome::Async,
        Facts { real_time_service: RealTimeService::CommunicationFailure, .. } => Outcome::Async,
        Facts { real_time_service: RealTimeService::OtherFailure, .. } => Outcome::Rejected,
        Facts { real_time_service: RealTimeService::Available, .. } => Outcome::Sync,
    }
}

/// CEL as its documentation shows it: variables are set, the program is executed.
struct CelVariables {
    program: Program,
    context: Context<'static, 'static>,
}

impl CelVariables {
    fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self { program: Program::compile(CEL)?, context: Context::default() })
    }

    fn decide(&mut self, facts: &Facts) -> Option<Outcome> {
        self.context.add_variable_from_value("offline", facts.offline);
        self.context.add_variable_from_value("filtered", facts.filtered);
        self.context.add_variable_from_value("offline_creation", facts.offline_creation);
        self.context.add_variable_from_value("async_mode", facts.async_mode);
        self.context.add_variable_from_value("real_time_service", facts.real_time_service.as_str());
        match self.program.execute(&self.context) {
            Ok(Value::String(word)) => Outcome::from_word(&word),
            _ => None,
        }
    }
}

/// The facts of the current decision, lent to CEL without a copy.
struct CelFacts<'a> {
    all: &'a [Facts],
    current: AtomicUsize,
}

impl VariableResolver for CelFacts<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let facts = self.all.get(self.current.load(Ordering::Relaxed))?;
        Some(match variable {
            "offline" => CowVal::owned(CelBool::from(facts.offline)),
            "filtered" => CowVal::owned(CelBool::from(facts.filtered)),
            "offline_creation" => CowVal::owned(CelBool::from(facts.offline_creation)),
            "async_mode" => CowVal::owned(CelBool::from(facts.async_mode)),
            "real_time_service" => CowVal::owned(CelString::from(facts.real_time_service.as_str())),
            _ => return None,
        })
    }
}

/// CEL at its fastest: only the variables that are asked for are made, and nothing is copied.
struct CelResolver<'a> {
    program: Program,
    context: Context<'a, 'a>,
    facts: &'a CelFacts<'a>,
}

impl<'a> CelResolver<'a> {
    fn new(facts: &'a CelFacts<'a>) -> Result<Self, Box<dyn Error>> {
        let mut context = Context::default();
        context.set_variable_resolver(facts);
        Ok(Self { program: Program::compile(CEL)?, context, facts })
    }

    fn decide(&self, number: usize) -> Option<Outcome> {
        self.facts.current.store(number, Ordering::Relaxed);
        let answer = Value::resolve_val(self.program.expression(), &self.context).ok()?;
        Outcome::from_word(answer.downcast_ref::<CelString<'_>>()?.inner())
    }
}

/// The names of ZEN's variables, made once.
struct ZenNames {
    offline: Symbol,
    filtered: Symbol,
    offline_creation: Symbol,
    async_mode: Symbol,
    real_time_service: Symbol,
}

impl ZenNames {
    fn new() -> Self {
        Self {
            offline: Symbol::from_static("offline"),
            filtered: Symbol::from_static("filtered"),
            offline_creation: Symbol::from_static("offline_creation"),
            async_mode: Symbol::from_static("async_mode"),
            real_time_service: Symbol::from_static("real_time_service"),
        }
    }

    fn set(&self, variables: &mut VariableMap, facts: &Facts) {
        let word = Symbol::from_static(facts.real_time_service.as_str());
        variables.insert(self.offline.clone(), Variable::Bool(facts.offline));
        variables.insert(self.filtered.clone(), Variable::Bool(facts.filtered));
        variables.insert(self.offline_creation.clone(), Variable::Bool(facts.offline_creation));
        variables.insert(self.async_mode.clone(), Variable::Bool(facts.async_mode));
        variables.insert(self.real_time_service.clone(), Variable::String(word));
    }
}

/// ZEN: compiled once, one machine.
struct Zen {
    expression: Expression<Standard>,
    machine: VM,
    names: ZenNames,
    scope: Scope,
}

impl Zen {
    fn new() -> Result<Self, Box<dyn Error>> {
        let scope = Scope::new(Variable::empty_object());
        Ok(Self {
            expression: compile_expression(ZEN)?,
            machine: VM::new(),
            names: ZenNames::new(),
            scope,
        })
    }

    /// As its documentation shows it: a context for each decision.
    fn decide_in_new_context(&mut self, facts: &Facts) -> Option<Outcome> {
        let mut variables = VariableMap::with_capacity(5);
        self.names.set(&mut variables, facts);
        let answer = self
            .expression
            .evaluate_with(Variable::from_object(variables), &mut self.machine)
            .ok()?;
        Outcome::from_word(answer.as_str()?)
    }

    /// At its fastest: the variables of one context are set anew.
    fn decide_in_same_context(&mut self, facts: &Facts) -> Option<Outcome> {
        if let Variable::Object(variables) = self.scope.base() {
            self.names.set(&mut variables.borrow_mut(), facts);
        }
        let answer = self.expression.evaluate_with_scope(&self.scope, &mut self.machine).ok()?;
        Outcome::from_word(answer.as_str()?)
    }
}

/// The bare array: an outcome for each channel and situation, at an index that is reckoned.
#[inline]
fn by_array(array: &[u8], (channel, situation): (u8, Situation)) -> Option<Outcome> {
    let outcome = array.get(usize::from(channel) * Situation::COUNT + situation.index())?;
    Outcome::ALL.get(usize::from(*outcome)).copied()
}

/// The engine: handles were resolved before.
#[inline]
fn by_engine(
    channels: &[Channel<'_>],
    operation: OperationId,
    (channel, situation): (u8, Situation),
) -> Option<Outcome> {
    let channel = channels.get(usize::from(channel))?;
    channel.decide(operation, situation).ok().map(|decision| decision.outcome())
}

/// A contender that decides all of `inputs` on each call, each by itself: the compiler must have
/// every answer, and may not make one computation of many.
fn contender<'a, T>(
    name: &str,
    inputs: &'a [T],
    mut decide: impl FnMut(&'a T) -> Option<Outcome> + 'a,
) -> Contender<'a> {
    Contender::new(name, inputs.len() as u64, move || {
        for input in inputs {
            black_box(decide(black_box(input)));
        }
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let profiles = profiles();
    let rules = Rules::embedded();
    let loaded = Deployment::from_text(&rules, "all-kinds.toml", &deployment(&profiles));
    let engine = Engine::new(&rules, loaded.valid()?)?;
    let operation = engine.operation("create-customer")?;
    let channels: Vec<Channel<'_>> = (0..profiles.len())
        .map(|number| engine.channel(&format!("c{number}")))
        .collect::<Result<_, _>>()?;
    let inputs = Inputs::new(&profiles);
    let numbers: Vec<usize> = (0..INPUTS).collect();

    // The bare array is filled by the rules as written by hand; what cannot be is never asked for.
    let mut array = [0_u8; 10 * Situation::COUNT];
    for (channel, profile) in profiles.iter().enumerate() {
        for situation in Situation::all() {
            array[channel * Situation::COUNT + situation.index()] =
                by_hand(&Facts::of(*profile, situation)) as u8;
        }
    }

    let cel_facts = CelFacts { all: &inputs.facts, current: AtomicUsize::new(0) };
    let mut cel_variables = CelVariables::new()?;
    let cel_resolver = CelResolver::new(&cel_facts)?;
    let (mut zen_new, mut zen_same) = (Zen::new()?, Zen::new()?);

    // All must give the same answers before any is timed.
    let mut counts = [0_usize; 3];
    for place in 0..INPUTS {
        let facts = &inputs.facts[place];
        let outcome = by_hand(facts);
        counts[outcome as usize] += 1;
        let answers = [
            ("the array", by_array(&array, inputs.requests[place])),
            ("syncgate", by_engine(&channels, operation, inputs.requests[place])),
            ("cel, variables set", cel_variables.decide(facts)),
            ("cel, resolver", cel_resolver.decide(place)),
            ("zen-expression, new context", zen_new.decide_in_new_context(facts)),
            ("zen-expression, same context", zen_same.decide_in_same_context(facts)),
        ];
        for (name, answer) in answers {
            if answer != Some(outcome) {
                return Err(
                    format!("{name} answers {answer:?} where {facts:?} is {outcome}").into()
                );
            }
        }
    }
    println!(
        "All answers agree on {INPUTS} inputs for {} channels: {} sync, {} async, {} rejected.\n",
        channels.len(),
        counts[0],
        counts[1],
        counts[2]
    );

    let measured = in_turn(
        vec![
            contender("bare array lookup", &inputs.requests, |request| by_array(&array, *request)),
            contender("syncgate", &inputs.requests, |request| {
                by_engine(&channels, operation, *request)
            }),
            contender("match by hand", &inputs.facts, |facts| Some(by_hand(facts))),
            contender("cel, variables set", &inputs.facts, |facts| cel_variables.decide(facts)),
            contender("cel, resolver", &numbers, |place| cel_resolver.decide(*place)),
            contender("zen-expression, new context", &inputs.facts, |facts| {
                zen_new.decide_in_new_context(facts)
            }),
            contender("zen-expression, same context", &inputs.facts, |facts| {
                zen_same.decide_in_same_context(facts)
            }),
        ],
        ROUNDS,
        SAMPLE,
    );
    print(&measured);
    Ok(())
}

/// Prints what was measured: the bare lookup first, the engine second, expression languages from
/// the fourth on.
fn print(measured: &[Samples]) {
    let (bare, ours) = (&measured[0], &measured[1]);
    let mut table = TextTable::new(&[
        "create-customer",
        "ns/decision",
        "million/s",
        "to bare lookup",
        "to syncgate",
    ]);
    for samples in measured {
        table.row([
            samples.name.clone(),
            digits(samples.median() * 1e9),
            digits(1e-6 / samples.median()),
            times(samples.ratio_to(bare)),
            times(samples.ratio_to(ours)),
        ]);
    }
    table.print(&format!("Decisions in memory, median of {ROUNDS} rounds in turn"));

    let floor = ours.ratio_to(bare);
    println!("goal: within 2x of the bare lookup: {} ({})", times(floor), reached(floor <= 2.0));
    let fastest = measured[3..].iter().min_by(|one, other| one.median().total_cmp(&other.median()));
    if let Some(fastest) = fastest {
        let ahead = fastest.ratio_to(ours);
        let reached = reached(ahead >= 100.0);
        println!(
            "goal: 100x ahead of the fastest peer: {} ({reached}; {})",
            times(ahead),
            fastest.name
        );
    }
}
