"""What the exports are tried on: deployments, requests, and what `decide` says of them."""

import itertools
import json
import pathlib
import random
import subprocess
import tomllib
import unicodedata

FACTS = {
    "connection": ["online", "offline"],
    "real_time_service": ["available", "communication-failure", "other-failure"],
    "customer": ["none", "pending", "synced"],
    "order": ["none", "pending", "in-headquarters"],
    "loyalty_enrollment_blocked": [False, True],
    "affiliation_hidden_in_channels": [False, True],
}
REQUEST = ["id", "operation", "channel", *FACTS]
DECIDED = ["outcome", "reason", "rule", "basis", "sources", "error_id"]

# Names of channels that do something to somebody.
HOSTILE = [
    "O'Hara", "''", "it\\'s", "back\\slash", "trailing\\", '"quoted"', "`ticked`", "[bracket]",
    "${x}", "$(x)", "${spark.app.name}", "$1", ":name", "?", "%s", "{name:String}", "{{x}}",
    "'; DROP TABLE syncgate_rule; --", "-- comment", "/* comment */", "GO", ";", "a;\nb",
    "two\nlines", "tab\tstop", "return\rhere", "bell\x07", "=1+1", "@x", "NULL",
    "Straße", "İstanbul", "Σίσυφος", "ﬃ", "Zoe\u0308", "東京", "\U0001f3ea", "a\u202eb", "x" * 400,
    "\u00a0nbsp", "percent%", "1e3", "007", "\\u0024", "\\n", "N'x'", "E'\\n'",
]
# What a switch may be.
SETTINGS = [
    "create-customer-in-async-mode", "create-customer-order-in-async-mode",
    "real-time-order-creation-with-async-backup", "offline-customer-creation",
    "offline-order-creation", "default-customer-search-mode",
]
FEATURES = [
    "order-performance", "async-address-creation", "enhanced-async-customer-creation",
    "edit-customers-async", "multiple-contacts", "cancel-async-orders",
    "cloud-powered-customer-search",
]


def toml_text(text):
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=True) if text.isascii() else json.dumps(
        text, ensure_ascii=False)


def generated(folder, seed, names):
    """A deployment made up at random, with these channels."""
    chance = random.Random(seed)
    lines = ["[deployment]", f'name = "generated {seed} ${{x}} \'"',
             f'commerce-version = "10.0.{chance.choice([18, 24, 29, 33, 40, 43])}"',
             "as-of = 2026-11-20T08:00:00Z"]
    for feature in FEATURES:
        if chance.random() < 0.8:
            lines += [f"[features.{feature}]", f"enabled = {str(chance.random() < 0.7).lower()}"]
    profiles = [f"P{number}" for number in range(6)]
    for profile in profiles:
        lines += ["[[functionality-profile]]", f'id = "{profile}"', 'kind = "pos"']
        for setting in SETTINGS:
            if chance.random() < 0.8:
                lines.append(f"{setting} = {str(chance.random() < 0.5).lower()}")
    for schema in ("A", "B"):
        lines += ["[[channel-schema]]", f'name = "{schema}"',
                  f"filter-shared-customer-data-tables = {str(schema == 'A').lower()}",
                  "[[channel-database-group]]", f'name = "G{schema}"',
                  f'channel-schema = "{schema}"']
    for name in names:
        kind = chance.choice(["store"] * 6 + ["online", "call-center"])
        lines += ["[[channel]]", f"id = {toml_text(name)}", f'kind = "{kind}"',
                  f'functionality-profile = "{chance.choice(profiles)}"']
        if kind == "store" and chance.random() < 0.7:
            lines.append(f"supports-offline = {str(chance.random() < 0.8).lower()}")
        if chance.random() < 0.5:
            lines.append(f'offline-database-group = "G{chance.choice("AB")}"')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "deployment.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def operation_names():
    """Every name of every operation, by its id."""
    with open("rules/operations.toml", "rb") as file:
        listed = tomllib.load(file)["operation"]
    def names(operation):
        pos = itertools.chain(*operation.get("pos", {}).items())
        return [operation["id"], *pos, *operation.get("api", [])]

    return {operation["id"]: names(operation) for operation in listed}


class Program:
    """The program itself."""

    def __init__(self, binary, folder):
        self.binary, self.folder = str(pathlib.Path(binary).resolve()), pathlib.Path(folder)

    def run(self, *arguments, fine=(0,)):
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, check=False)
        assert done.returncode in fine, (arguments, done.stderr.decode())
        return done.stdout

    def write(self, rows, path):
        """Writes rows as JSON Lines."""
        form = "{" + ", ".join(f"{json.dumps(name)}: %s" for name in REQUEST) + "}\n"
        texts = Texts()
        with path.open("w", encoding="utf-8") as out:
            out.writelines(
                form % (number, *map(texts.__getitem__, values)) for number, *values in rows)

    def decide(self, deployment, rows):
        """What `decide` says of rows: the decision's columns and the error, as an export has it."""
        requests = self.folder / "requests.jsonl"
        self.write(rows, requests)
        answers = self.folder / "answers.jsonl"
        self.run("decide", deployment, "--input", requests, "--output", answers, fine=(0, 1))
        known = Decisions()
        with answers.open(encoding="utf-8") as lines:
            # What is said after the names is said of many rows.
            return [known[line[it:]] if (it := line.find(',"outcome":')) > 0
                    else expected(json.loads(line)) for line in lines]


class Texts(dict):
    """Values as JSON, each written once."""

    def __missing__(self, value):
        return self.setdefault(value, json.dumps(value))


class Decisions(dict):
    """The columns that the ends of lines come to, each read once."""

    def __missing__(self, end):
        return self.setdefault(end, expected(json.loads("{" + end[1:])))


def expected(answer):
    """The columns that an answer comes to."""
    if "error" not in answer:
        return (answer["outcome"], answer["reason"], answer["rule"], answer["basis"],
                " ".join(answer["sources"]), answer.get("error_id"), None)
    message = answer["error"]["message"]
    kinds = [("missing key", "missing"), ("unknown channel", "unknown-channel"),
             ("unknown operation", "unknown-operation"), ("impossible for", "impossible"),
             ("is no value of", "unknown-value"), ("expected a boolean", "unknown-value"),
             ("expected text in quotes", "unknown-value")]
    for text, kind in kinds:
        if text in message:
            return (None,) * 6 + (kind,)
    raise AssertionError(message)


def whole_space(operations, channels):
    """Every operation of every channel in every situation."""
    situations = list(itertools.product(*FACTS.values()))
    number = 0
    for channel in channels:
        for operation in operations:
            for situation in situations:
                number += 1
                yield (number, operation, channel, *situation)


def spellings(name, chance):
    """How people and systems spell a name: some mean it, some do not."""
    yield name
    for other in (name.upper(), name.lower(), name.title(), f" {name}", f"{name}  ", f"\t{name}\n",
                  unicodedata.normalize("NFD", name), unicodedata.normalize("NFKC", name),
                  name.replace(" ", "  "), name + "x", name[:-1], name.swapcase(),
                  name.replace("ß", "ss"), name.replace("ss", "ß"), f"\u00a0{name}",
                  name.casefold()):
        if chance.random() < 0.7:
            yield other


def dirty(operations, channels, count, chance):
    """Rows as systems have them: nulls, odd and unknown words and names."""
    def spelled(names):
        return sorted({it for name in names for it in spellings(name, chance)})

    ways = {"operation": (operations, spelled(operations) + ["", "nothing-known", "0"]),
            "channel": (channels, spelled(channels) + ["", "nowhere", "\u0130"])}
    odd = ["", "Online", "online ", "offline\t", "new", "NULL", "yes", "pending-sync", "ｏnline"]
    columns = [chosen(chance, count, (0.02, [None]), (0.58, exact), (0.4, others))
               for exact, others in ways.values()]
    columns += [chosen(chance, count, (0.02, odd), (0.98, [*words, None]))
                for words in FACTS.values()]
    return zip(range(1, count + 1), *columns)


def of_other_kinds(rows, chance):
    """Rows of which one fact is no text where it should be, or is one where it should be none."""
    names = list(FACTS)
    for row in rows:
        place = chance.randrange(len(names))
        others = ["true", "false", 5] if FACTS[names[place]] == [False, True] else [5, True]
        place += len(REQUEST) - len(names)
        yield (*row[:place], chance.choice(others), *row[place + 1:])


def chosen(chance, count, *lots):
    """So many values, from each of the lists as often as its share says."""
    values = [value for _, lot in lots for value in lot]
    weights = [share / len(lot) for share, lot in lots for _ in lot]
    return chance.choices(values, cum_weights=list(itertools.accumulate(weights)), k=count)
