"""A policy from YAML: everything that is wrong with it is reported together.

docs/reference/policy-tables.md describes the file. What is read is typed here; whether the tables
hold together is proven in `checks`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

from tradeline.kernel.findings import InputProblem, Severity
from tradeline.kernel.money import CURRENCIES
from tradeline.lake.yaml_fields import MAX_WHOLE, Content, Fields, brief, is_number, is_text
from tradeline.lake.yaml_files import parse_yaml, read_yaml
from tradeline.risk.policy.cells import Interval, Kind
from tradeline.risk.policy.checks import check
from tradeline.risk.policy.declaration import (
    CURRENCY,
    OUTCOME,
    REASON,
    Declaration,
    Exploration,
    Input,
    Output,
    Treatment,
)
from tradeline.risk.policy.fields import NAME, read_interval
from tradeline.risk.policy.policy import Policy
from tradeline.risk.policy.program import build
from tradeline.risk.policy.table_reading import read_tables
from tradeline.risk.policy.writing import declaration_hash

GUIDE = "See docs/reference/policy-tables.md."
MINOR = "minor"
SHARE_MAX = 0.5
TOP = ("policy", "version", "about", "currency", "valid_from", "valid_to", "persons_to_go_live",
       "explore", "inputs", "outputs", "tables")  # fmt: skip
INPUT = ("type", "unit", "meaning", "range", "levels", "missing", "stale", "max_age_days")
OUTPUT = ("type", "unit", "meaning", "levels")
EXPLORE = ("near", "share", "stop_loss_minor")


def read_policy_file(path: Path) -> Policy:
    """The policy in a YAML file; InputProblem lists everything that is wrong with it."""
    return policy_of(read_yaml(path, "policy", GUIDE), path.name)


def read_declaration(path: Path) -> Declaration:
    """What the policy in a YAML file declares, its tables not proven yet."""
    return declaration_of(read_yaml(path, "policy", GUIDE), path.name)


def read_policy(text: str, where: str = "policy") -> Policy:
    """The policy in a text of YAML; InputProblem lists everything that is wrong with it."""
    return policy_of(parse_yaml(text, where, "policy"), where)


def policy_of(content: object, where: str) -> Policy:
    """The policy in a parsed YAML value; InputProblem lists everything that is wrong with it."""
    return checked_policy(declaration_of(content, where), where)


def declaration_of(content: object, where: str) -> Declaration:
    """What a parsed YAML value declares, its tables not proven yet."""
    fields = Fields()
    declaration = _declaration(fields, content)
    fields.refuse("bad-policy", where, GUIDE)
    assert declaration is not None, "what cannot be read is said"
    return declaration


def checked_policy(declaration: Declaration, where: str) -> Policy:
    """The policy of a declaration, once its tables are proven; InputProblem if they are not."""
    program = build(declaration)
    findings = tuple(check(program, where))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InputProblem(findings)
    return Policy(program, declaration_hash(declaration), findings)


def _declaration(fields: Fields, content: object) -> Declaration | None:
    top = fields.keys(content, "The policy", TOP)
    if top is None:
        return None
    name = fields.text(top, "policy", "The policy", needed=True)
    version = fields.text(top, "version", "The policy", needed=True)
    valid_from, valid_to = _validity(fields, top)
    currency = _currency(fields, top)
    inputs = _inputs(fields, top, currency)
    outputs = _outputs(fields, top, inputs)
    tables = read_tables(fields, top.get("tables"), inputs, outputs)
    persons = fields.whole(top, "persons_to_go_live", "The policy", 1, 9, 1)
    return Declaration(
        name, version, valid_from, tuple(inputs.values()), tuple(outputs.values()), tables,
        valid_to, fields.text(top, "about", "The policy"), currency, persons,
        _explore(fields, top, inputs, currency),
    )  # fmt: skip


def _validity(fields: Fields, top: Content) -> tuple[date, date | None]:
    days = [top.get("valid_from"), top.get("valid_to")]
    for name, day in zip(("valid_from", "valid_to"), days, strict=True):
        if type(day) is not date and (day is not None or name == "valid_from"):
            fields.say(f"`{name}` must be a date such as 2026-01-01.")
    first, last = (day if type(day) is date else None for day in days)
    if first and last and first >= last:
        fields.say(
            f"`valid_to` is {last}, not after `valid_from`; it is the first day on which the "
            "policy no longer holds."
        )
    return first or date.min, last


def _currency(fields: Fields, top: Content) -> str:
    currency = top.get("currency", "")
    if isinstance(currency, str) and (currency in CURRENCIES or not currency):
        return currency
    fields.say(f"`currency` is {brief(currency)}; it must be an ISO 4217 code such as CNY.")
    return next(iter(CURRENCIES))


def _inputs(fields: Fields, top: Content, currency: str) -> dict[str, Input]:
    found = {
        name: read
        for name, item in _named(fields, top, "inputs", (OUTCOME, REASON, CURRENCY))
        if (read := _input(fields, name, item, currency))
    }
    if currency:
        meaning = "the currency in which the amounts are told"
        found[CURRENCY] = Input(CURRENCY, Kind.CATEGORY, meaning=meaning, levels=(currency,))
    if not found and not fields.problems:
        fields.say("The policy needs `inputs`.")
    return found


def _named(
    fields: Fields, top: Content, key: str, reserved: Collection[str]
) -> Iterator[tuple[str, object]]:
    items = top.get(key, {})
    if not isinstance(items, dict):
        fields.say(f"`{key}` must be a table of names.")
        return
    for name, item in items.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            fields.say(
                f"`{key}`: {name!r} is no name; write small letters, digits and _, such as "
                "`overdue_days`."
            )
        elif name in reserved:
            fields.say(f"`{key}`: the name `{name}` has a meaning of its own; take another.")
        else:
            yield name, item


def _input(fields: Fields, name: str, item: object, currency: str) -> Input | None:
    where = f"input {name}"
    content = fields.keys(item, where, INPUT)
    if content is None:
        return None
    kind = fields.word(content, "type", where, Kind)
    if kind is None:
        return None
    max_age = fields.whole(content, "max_age_days", where, 0, 36_500, None)
    if "stale" in content and max_age is None and "max_age_days" not in content:
        fields.say(f"{where}: `stale` means nothing without `max_age_days`.")
    return Input(
        name,
        kind,
        _unit(fields, content, where, kind, currency),
        fields.text(content, "meaning", where),
        _range(fields, content, where, kind),
        _levels(fields, content, where, kind),
        fields.word(content, "missing", where, Treatment, Treatment.REFUSE),
        fields.word(content, "stale", where, Treatment, Treatment.REFUSE),
        max_age,
    )


def _unit(fields: Fields, content: Content, where: str, kind: Kind, currency: str) -> str:
    is_number = kind in (Kind.NUMBER, Kind.INTEGER)
    unit = fields.text(content, "unit", where, needed=is_number)
    if unit and not is_number:
        fields.say(f"{where}: a value of type {kind} has no `unit`.")
    if unit == MINOR and not currency:
        fields.say(f"{where}: its unit is minor, so the policy must state its `currency`.")
    return unit


def _range(fields: Fields, content: Content, where: str, kind: Kind) -> Interval | None:
    text = content.get("range")
    if text is None:
        return None
    if not kind.is_ordered:
        fields.say(f"{where}: a value of type {kind} has no `range`.")
        return None
    return read_interval(fields, text, f"{where}: `range`", kind)


def _levels(fields: Fields, content: Content, where: str, kind: Kind) -> tuple[str, ...]:
    levels = content.get("levels")
    if kind is not Kind.CATEGORY:
        if levels is not None:
            fields.say(f"{where}: a value of type {kind} has no `levels`.")
        return ()
    if not isinstance(levels, list) or not levels or not all(map(is_text, levels)):
        fields.say(f"{where}: a category needs `levels`, a list of texts.")
        return ()
    for level, times in Counter(levels).items():
        if times > 1:
            fields.say(f"{where}: the level '{level}' stands {times} times.")
    return tuple(dict.fromkeys(levels))


def _outputs(fields: Fields, top: Content, inputs: Collection[str]) -> dict[str, Output]:
    found = {
        name: output
        for name, item in _named(fields, top, "outputs", (OUTCOME, CURRENCY))
        if (output := _output(fields, name, item, top.get("currency", "")))
    }
    for name in found:
        if name in inputs:
            fields.say(f"`{name}` is an input and an output; give one another name.")
    return found


def _output(fields: Fields, name: str, item: object, currency: object) -> Output | None:
    where = f"output {name}"
    content = fields.keys(item, where, OUTPUT)
    if content is None:
        return None
    kind = fields.word(content, "type", where, Kind)
    if kind is None:
        return None
    if name == REASON and kind is not Kind.CATEGORY:
        fields.say("output reason: it must be a category, whose levels are the codes.")
    return Output(
        name,
        kind,
        _unit(fields, content, where, kind, str(currency)),
        fields.text(content, "meaning", where),
        _levels(fields, content, where, kind),
    )


def _explore(
    fields: Fields, top: Content, inputs: Mapping[str, Input], currency: str
) -> Exploration | None:
    if "explore" not in top:
        return None
    content = fields.keys(top["explore"], "explore", EXPLORE)
    if content is None:
        return None
    if not currency:
        fields.say("explore: the stop-loss is money, so the policy must state its `currency`.")
    if "stop_loss_minor" not in content:
        fields.say("explore: it needs `stop_loss_minor`, the loss at which exploring ends.")
    stop_loss = fields.whole(content, "stop_loss_minor", "explore", 1, MAX_WHOLE, 0)
    share = content.get("share")
    if not is_number(share) or not 0 < share <= SHARE_MAX:
        allowed = f"a number above 0 and up to {SHARE_MAX}"
        fields.say(f"explore: `share` is {brief(share)}; it must be {allowed}.")
        return None
    near = _near(fields, content.get("near"), inputs)
    return Exploration(*near, float(share), stop_loss) if near else None


def _near(fields: Fields, near: object, inputs: Mapping[str, Input]) -> tuple[str, Interval] | None:
    """The input by which an application is near the cut-off, and its band."""
    if not isinstance(near, dict) or len(near) != 1:
        fields.say('explore: `near` names one input and its band, such as {score: "[560, 600)"}.')
        return None
    ((name, text),) = near.items()
    read = inputs.get(name)
    if read is None or read.kind is not Kind.INTEGER:
        fields.say(f"explore: `{name}` is no input of type integer, such as a score.")
        return None
    band = read_interval(fields, text, "explore: `near`", read.kind)
    if band is None or band.low is None or band.high is None:
        fields.say('explore: the band must have two ends, such as "[560, 600)".')
        return None
    terms = Exploration(name, band, 0.0, 0)
    if not _is_within(terms, read):
        fields.say(f"explore: `{text}` holds no value, or some that `{name}` cannot have.")
        return None
    return name, band


def _is_within(explore: Exploration, read: Input) -> bool:
    """Whether a band holds whole numbers, and only such as the input may have."""
    try:
        first, last = explore.terms("any").band
    except InputProblem:
        return False
    return read.range is None or (read.range.holds(first) and read.range.holds(last))
