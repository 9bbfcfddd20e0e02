"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const model = JSON.parse(byId("model").textContent);
  document.documentElement.classList.add("scripted");

  // --- The rules, walked as the engine walks them. No rule stands here: all are in the model. ---

  const holds = (when, values) => when.every(([fact, allowed]) => allowed.includes(values[fact]));

  // A feature is effective where it is mandatory, or on with all that it requires effective.
  function effective(on) {
    const known = new Map();
    const visit = (id) => {
      if (!known.has(id)) {
        known.set(id, false);
        const feature = model.features[id];
        known.set(id, feature.mandatory || (on(id) && feature.requires.every(visit)));
      }
      return known.get(id);
    };
    return visit;
  }

  const isOn = (state, id) => {
    const feature = model.features[id];
    const wanted = state.features.get(id);
    return wanted === undefined ? feature.on : wanted && feature.exists;
  };

  // The value of every fact; one whose version has not come, or that lacks what it requires, counts as its default.
  function valuesOf(state) {
    const given = new Map(model.configurations[model.channels[state.channel][1]]);
    const stands = effective((id) => isOn(state, id));
    const values = model.facts.map((fact, number) => {
      if (fact.from === "situation") return state.situation.get(number) ?? fact.usual;
      if (fact.from === "feature") return stands(fact.feature) ? 1 : 0;
      return state.settings.get(number) ?? given.get(number) ?? 0;
    });
    model.facts.forEach((fact, number) => {
      const unmet = fact.since !== undefined || fact.requires.some((needed) => values[needed] === 0);
      if (unmet && values[number] !== 0) values[number] = fact.default ?? 0;
    });
    return values;
  }

  const impossible = (values) => model.impossible.find((it) => holds(it.when, values));

  function firstRule(operation, values) {
    for (let number = operation.first; number < operation.end; number += 1) {
      if (holds(model.rules[number].when, values)) return number;
    }
    return undefined;
  }

  // Each rule tried, with the first condition that failed; the last one decides.
  function tried(operation, values) {
    const steps = [];
    for (let number = operation.first; number < operation.end; number += 1) {
      const failed = model.rules[number].when.find(([fact, allowed]) => !allowed.includes(values[fact]));
      steps.push({ rule: model.rules[number], failed });
      if (!failed) break;
    }
    return steps;
  }

  // A fact that has another value than its default without what it requires.
  const lacks = (values, number, facts) => {
    const fact = model.facts[number];
    return values[number] !== fact.default && fact.requires.some((it) => facts.includes(it) && values[it] === 0);
  };

  // The single facts whose change would change the outcome.
  function wouldChange(operation, values, outcome) {
    const changes = [];
    for (const fact of operation.facts) {
      model.facts[fact].words.forEach((_, to) => {
        const other = values.slice();
        other[fact] = to;
        if (impossible(other) || operation.facts.some((it) => lacks(other, it, operation.facts))) return;
        const rule = firstRule(operation, other);
        if (rule !== undefined && model.rules[rule].outcome !== outcome) changes.push({ fact, to, rule });
      });
    }
    return changes;
  }

  function answer(state) {
    const operation = model.operations[state.operation];
    const values = valuesOf(state);
    const cannot = impossible(values);
    if (cannot) return { operation, values, impossible: cannot.text };
    const rule = model.rules[firstRule(operation, values)];
    return { operation, values, rule, changes: wouldChange(operation, values, rule.outcome) };
  }

  // --- What was picked, and the address that holds it. ---

  const factNamed = new Map(model.facts.map((fact, number) => [fact.id, number]));
  const channelNamed = new Map(model.channels.map(([id], number) => [id, number]));
  const featureNamed = new Map(model.features.map((feature, number) => [feature.id, number]));
  const fresh = () => ({ channel: 0, operation: 0, situation: new Map(), settings: new Map(), features: new Map() });

  function stateOf(query) {
    const state = fresh();
    const unknown = [];
    for (const [key, word] of new URLSearchParams(query)) {
      const plain = key.startsWith("set.") ? key.slice(4) : key;
      const fact = model.facts[factNamed.get(plain)];
      const value = fact ? fact.words.indexOf(word) : -1;
      if (key === "channel" && channelNamed.has(word)) state.channel = channelNamed.get(word);
      else if (key === "operation" && model.operations.some((it) => it.id === word)) {
        state.operation = model.operations.findIndex((it) => it.id === word);
      } else if (key.startsWith("feature.") && featureNamed.has(key.slice(8)) && (word === "on" || word === "off")) {
        state.features.set(featureNamed.get(key.slice(8)), word === "on");
      } else if (value >= 0 && fact.from === (key === plain ? "situation" : "setting")) {
        state[key === plain ? "situation" : "settings"].set(factNamed.get(plain), value);
      } else unknown.push(`${key}=${word}`);
    }
    return { state, unknown };
  }

  function queryOf(state) {
    const parts = [
      ["channel", model.channels[state.channel][0]],
      ["operation", model.operations[state.operation].id],
    ];
    model.facts.forEach((fact, number) => {
      const here = state.situation.get(number);
      if (here !== undefined && here !== fact.usual) parts.push([fact.id, fact.words[here]]);
      if (state.settings.has(number)) parts.push([`set.${fact.id}`, fact.words[state.settings.get(number)]]);
    });
    for (const [id, on] of state.features) parts.push([`feature.${model.features[id].id}`, on ? "on" : "off"]);
    return parts.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&");
  }

  // --- Elements. Text only ever becomes text. ---

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== undefined && child !== null));
    return element;
  }

  const words = (id) => id.replaceAll("-", " ");
  const wordOf = (fact, value) => (fact.words[0] === "false" ? ["no", "yes"][value] : words(fact.words[value]));
  const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  // --- The explorer. ---

  let state = fresh();
  const root = byId("explorer-root");
  const form = make("form", { "aria-label": "What to decide" });
  const status = make("p", { role: "status", "aria-live": "polite", class: "hidden" });
  const shown = make("div", { class: "answer", tabindex: "-1", "aria-label": "The answer", role: "region" });

  function picker(label, id, options) {
    const select = make("select", { id, name: id });
    options.forEach((text, number) => select.append(make("option", { value: number }, text)));
    return make("div", {}, make("label", { class: "label", for: id }, label), select);
  }

  function segments(number) {
    const fact = model.facts[number];
    const group = make("div", { class: "segments" });
    fact.words.forEach((_, value) => {
      const input = make("input", { type: "radio", name: `fact-${number}`, value });
      group.append(make("label", {}, input, wordOf(fact, value)));
    });
    return make("fieldset", { "data-fact": number, title: fact.text }, make("legend", {}, sentence(words(fact.id))), group);
  }

  function toggle(attributes, text, hint) {
    return make("label", { class: "switch" }, make("input", { type: "checkbox", ...attributes }), make("span", {}, text), make("small", {}, hint));
  }

  function featureHint(feature) {
    if (feature.mandatory) return "mandatory in this version";
    if (!feature.exists) return `exists from ${feature.since} on`;
    return feature.obstacles.length > 0 ? feature.obstacles.join("; ") : "effective as deployed";
  }

  function build() {
    const facts = (from) => model.facts.map((fact, number) => ({ fact, number })).filter(({ fact }) => fact.from === from);
    form.append(
      picker("Channel", "pick-channel", model.channels.map(([id]) => id)),
      make("div", {}, picker("Operation", "pick-operation", model.operations.map((it) => sentence(words(it.id)))), make("p", { class: "hint", id: "operation-text" })),
      make("div", { class: "two" }, ...facts("situation").map(({ number }) => segments(number))),
    );
    const features = make("fieldset", { id: "pick-features" }, make("legend", {}, "Features, on in headquarters and known to channels"));
    for (const id of model.deciding) {
      const feature = model.features[id];
      const fixed = feature.mandatory || !feature.exists;
      features.append(toggle({ "data-feature": id, disabled: fixed }, feature.name ?? feature.id, featureHint(feature)));
    }
    form.append(features);
    const settings = make("details", { id: "pick-settings" }, make("summary", {}, "Settings of the channel"));
    for (const { fact, number } of facts("setting")) {
      if (fact.words[0] === "false") settings.append(toggle({ "data-setting": number }, sentence(words(fact.id)), fact.since ? `counts from ${fact.since} on` : fact.text));
    }
    const reset = make("button", { type: "button" }, "As deployed");
    const link = make("a", { id: "cell-link", href: "#explorer" }, "Link to this cell");
    form.append(settings, make("div", { class: "actions" }, reset, link));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => picked(event.target));
    reset.addEventListener("click", () => {
      state = { ...fresh(), channel: state.channel, operation: state.operation };
      show(true);
    });
    root.append(form, make("div", {}, shown, status));
  }

  function picked(input) {
    const { feature, setting } = input.dataset;
    if (input.id === "pick-channel") state.channel = Number(input.value);
    else if (input.id === "pick-operation") state.operation = Number(input.value);
    else if (feature !== undefined) setFeature(state, Number(feature), input.checked);
    else if (setting !== undefined) setSetting(state, Number(setting), input.checked ? 1 : 0);
    else state.situation.set(Number(input.name.slice(5)), Number(input.value));
    show(true);
  }

  function setFeature(state, id, on) {
    if (model.features[id].on === on) state.features.delete(id);
    else state.features.set(id, on);
  }

  const deployed = (state, number) => new Map(model.configurations[model.channels[state.channel][1]]).get(number) ?? 0;

  function setSetting(state, number, value) {
    if (deployed(state, number) === value) state.settings.delete(number);
    else state.settings.set(number, value);
  }

  // The state in which a single fact has another value; a feature becomes effective with all that it requires.
  function changed(state, { fact, to }) {
    const other = { ...state, situation: new Map(state.situation), settings: new Map(state.settings), features: new Map(state.features) };
    const { from, feature } = model.facts[fact];
    if (from === "situation") other.situation.set(fact, to);
    else if (from === "setting") setSetting(other, fact, to);
    else if (to === 0) setFeature(other, feature, false);
    else {
      const turnOn = (id) => {
        if (!model.features[id].mandatory) setFeature(other, id, true);
        model.features[id].requires.forEach(turnOn);
      };
      turnOn(feature);
    }
    return other;
  }

  function syncForm(given) {
    byId("pick-channel").value = state.channel;
    byId("pick-operation").value = state.operation;
    const { operation, values } = given;
    byId("operation-text").textContent = [operation.text, ...operation.pos.map((it) => `POS ${it}`), ...operation.api].join(" · ");
    for (const group of form.querySelectorAll("[data-fact]")) {
      const number = Number(group.dataset.fact);
      const here = state.situation.get(number) ?? model.facts[number].usual;
      group.classList.toggle("unrelated", !operation.facts.includes(number) && !model.impossible.some((it) => it.when.some(([fact]) => fact === number)));
      for (const input of group.querySelectorAll("input")) {
        const other = values.slice();
        other[number] = Number(input.value);
        input.checked = other[number] === here;
        input.disabled = !input.checked && impossible(other) !== undefined && impossible(values) === undefined;
      }
    }
    for (const input of form.querySelectorAll("[data-feature]")) {
      const id = Number(input.dataset.feature);
      input.checked = model.features[id].mandatory || isOn(state, id);
      input.parentElement.classList.toggle("changed", state.features.has(id));
    }
    for (const input of form.querySelectorAll("[data-setting]")) {
      const number = Number(input.dataset.setting);
      input.checked = (state.settings.get(number) ?? deployed(state, number)) === 1;
      input.parentElement.classList.toggle("changed", state.settings.has(number));
    }
  }

  function sources(list) {
    if (list.length === 0) return make("span", { class: "quiet" }, "none");
    const items = list.map((id) => {
      const says = byId(id)?.querySelector("dd")?.firstChild?.textContent;
      return make("li", {}, make("a", { href: `#${id}`, class: "source" }, id), says ? `: ${says}` : "");
    });
    return make("ul", { class: "cited" }, ...items);
  }

  function changeLine(change) {
    const fact = model.facts[change.fact];
    const rule = model.rules[change.rule];
    const what = fact.from === "feature" ? model.features[fact.feature].name ?? fact.id : sentence(words(fact.id));
    const to = fact.from === "feature" ? (change.to === 1 ? "effective" : "not effective") : wordOf(fact, change.to);
    const other = changed(state, change);
    // What the version does not have, or another fact overrules, can be said and not tried.
    const reached = firstRule(answered.operation, valuesOf(other)) === change.rule;
    return reached ? offer(`${what}: ${to}`, rule, other) : line(`${what}: ${to}`, rule, make("span", { class: "quiet" }, "not in this version"));
  }

  const line = (text, rule, action) =>
    make("li", {}, make("span", { class: "to" }, text), make("span", { class: `chip ${rule.outcome}` }, rule.outcome), action);

  function offer(text, rule, other) {
    const button = make("button", { type: "button", "aria-label": `Try ${text}` }, "Try");
    button.addEventListener("click", () => {
      state = other;
      show(true);
      shown.focus({ preventScroll: true });
    });
    return line(text, rule, button);
  }

  // Features whose switch alone changes the outcome, beside those that the operation itself depends on.
  function switches(given) {
    const told = new Set(given.changes.map((change) => model.facts[change.fact].feature));
    const lines = [];
    for (const id of model.deciding) {
      const feature = model.features[id];
      if (feature.mandatory || !feature.exists || told.has(id)) continue;
      const other = { ...state, features: new Map(state.features) };
      setFeature(other, id, !isOn(state, id));
      const rule = model.rules[firstRule(given.operation, valuesOf(other))];
      if (rule && rule.outcome !== given.rule.outcome) lines.push(offer(`${feature.name ?? feature.id}: ${isOn(state, id) ? "off" : "on"}`, rule, other));
    }
    return lines;
  }

  function step({ rule, failed }) {
    const name = make("code", {}, rule.id);
    if (!failed) return make("li", { class: "decides" }, name, " decides");
    const fact = model.facts[failed[0]];
    const needed = failed[1].map((value) => wordOf(fact, value)).join(" or ");
    return make("li", {}, name, `: ${words(fact.id)} is ${wordOf(fact, answered.values[failed[0]])}, not ${needed}`);
  }

  let answered;

  function show(moved) {
    answered = answer(state);
    const query = queryOf(state);
    if (moved) history.replaceState(null, "", `#explorer?${query}`);
    syncForm(answered);
    byId("cell-link").setAttribute("href", `#explorer?${query}`);
    const { operation, rule } = answered;
    const channel = model.channels[state.channel][0];
    shown.replaceChildren();
    if (!rule) {
      shown.append(make("p", { class: "outcome impossible" }, "can't be"), make("p", { class: "said" }, answered.impossible));
      status.textContent = `This can't be: ${answered.impossible}`;
      return;
    }
    const reason = model.reasons[rule.reason];
    shown.append(
      make("p", { class: `outcome ${rule.outcome}`, id: "outcome" }, rule.outcome),
      make("p", { class: "cell" }, `${sentence(words(operation.id))} at `, make("bdi", {}, channel)),
      make("p", { class: "said" }, [reason.text, reason.help].filter(Boolean).map((text) => `${sentence(text)}.`).join(" ")),
      make("dl", {},
        make("dt", {}, "Reason"), make("dd", {}, make("code", { id: "reason" }, reason.id)),
        make("dt", {}, "Rule"), make("dd", {}, make("code", { id: "rule" }, rule.id), ` (${rule.basis})`),
        ...(rule.error_id ? [make("dt", {}, "Error id"), make("dd", {}, make("code", {}, rule.error_id))] : []),
        ...(rule.note ? [make("dt", {}, "Note"), make("dd", {}, rule.note)] : []),
        make("dt", {}, "Sources"), make("dd", {}, sources(rule.sources)),
      ),
      make("h3", {}, "What would change it"),
    );
    const lines = [...answered.changes.map(changeLine), ...switches(answered)];
    shown.append(lines.length > 0 ? make("ul", { class: "changes", id: "changes" }, ...lines) : make("p", { class: "quiet" }, "No single fact."));
    shown.append(make("h3", {}, "Rules tried, in order"), make("ol", {}, ...tried(operation, answered.values).map(step)));
    status.textContent = `${words(operation.id)} at ${channel}: ${rule.outcome}, because of ${words(reason.id)}`;
  }

  // Shows the cell that the address names; `true` where it names one.
  function fromAddress() {
    const query = location.hash.match(/^#explorer\?(.*)$/)?.[1];
    if (query === undefined) return false;
    const read = stateOf(query);
    state = read.state;
    show(false);
    if (read.unknown.length > 0) status.textContent = `Not known here: ${read.unknown.join(", ")}`;
    if (read.unknown.length > 0) shown.prepend(make("p", { class: "quiet", id: "not-known" }, status.textContent));
    // Where the answer stands below the form, it is what was sent.
    const isBelow = shown.getBoundingClientRect().top > form.getBoundingClientRect().top + 100;
    (isBelow ? shown : byId("explorer")).scrollIntoView();
    return true;
  }

  if (model.channels.length > 0) {
    build();
    if (!fromAddress()) show(false);
    addEventListener("hashchange", () => {
      if (fromAddress()) shown.focus({ preventScroll: true });
    });
  } else root.append(make("p", { class: "answer quiet" }, "The deployment has no channel to explore."));

  // --- Findings. ---

  const filters = byId("filters");
  if (filters) {
    const findings = [...byId("finding-list").children].map((element) => ({ element, text: element.textContent.toLowerCase() }));
    const filter = () => {
      const data = new FormData(filters);
      const severities = data.getAll("severity");
      const text = data.get("text").trim().toLowerCase();
      let count = 0;
      for (const finding of findings) {
        const fits = severities.includes(finding.element.dataset.severity) && finding.text.includes(text);
        finding.element.hidden = !fits;
        count += fits ? 1 : 0;
      }
      byId("shown").textContent = count === findings.length ? "" : `${count} of ${findings.length} shown`;
    };
    filters.addEventListener("input", filter);
    filters.addEventListener("submit", (event) => event.preventDefault());
    // A finding that an address leads to must not be hidden; a source must not be folded away.
    const reveal = () => {
      const target = byId(location.hash.slice(1));
      if (target?.hidden) target.hidden = false;
    };
    addEventListener("hashchange", reveal);
  }

  const unfold = () => {
    const id = location.hash.slice(1);
    const target = /^[A-Za-z0-9-]+$/.test(id) ? byId(id) : null;
    const folded = target?.closest("details:not([open])");
    if (folded) {
      folded.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", unfold);
  unfold();

  // What is folded away would not be printed. What each source says, and features that are off, is for a screen alone.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open], #sources *, .every)")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  // What the explorer answers, for tests: the query of an address in, plain values out.
  window.syncgate = {
    answer(query) {
      const given = answer(stateOf(query).state);
      if (!given.rule) return { impossible: given.impossible };
      const { outcome, reason, id, basis, sources, error_id } = given.rule;
      const changes = given.changes.map(({ fact, to, rule }) => [model.facts[fact].id, model.facts[fact].words[to], model.rules[rule].outcome, model.rules[rule].id]);
      return { outcome, reason: model.reasons[reason].id, rule: id, basis, sources, error_id, changes };
    },
  };
})();
