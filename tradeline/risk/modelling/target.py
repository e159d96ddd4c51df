"""The target: which of its two values is the default, and how that was decided."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.kernel.texts import clean
from tradeline.risk.modelling.columns import written_level
from tradeline.risk.modelling.tables import Table, Texts
from tradeline.risk.modelling.written import is_missing

Flags = NDArray[np.bool_]

OPTION = "--target"
VALUES_SHOWN = 10
# A target of more values than this, nearly all different, names rows.
VALUES_MANY = 30
IDENTIFIER_SHARE = 0.5
HALF = 0.5

BAD = re.compile(
    r"(bad|default(ed)?|in default|charged?[ _-]?off|chgoff|chg[ _-]?off|write[ _-]?off|"
    r"written[ _-]?off|non[ _-]?performing|npl|npa|delinquent|late|overdue|arrears|bankrupt(cy)?|"
    r"fail|failed|failure|unpaid|not[ _-]?paid|loss|lost|denied|rejected|declined|high risk|risky|"
    r"违约|不良|坏|逾期)",
    re.IGNORECASE,
)
GOOD = re.compile(
    r"(good|paid|fully[ _-]?paid|paid[ _-](off|in[ _-]full)|p[ _]?i[ _]?f|repaid|settled|"
    r"performing|current|healthy|sound|non[ _-]?default(ed)?|no[ _-]?default|not[ _-]?default(ed)?|"
    r"not[ _-]?bankrupt|non[ _-]?bankrupt|approved|accepted|low risk|正常|良好|好)",
    re.IGNORECASE,
)
TRUE, FALSE = {"1", "yes", "y", "true", "t", "是"}, {"0", "-1", "no", "n", "false", "f", "否"}
# Names of a target that is true where all went well, unless negated.
GOOD_NAME = re.compile(
    r"good|paid|repa(y|id)|perform|creditab|creditworth|approv|accept|healthy|surviv|settled",
    re.IGNORECASE,
)
BAD_NAME = re.compile(
    r"not[^a-z]?|non|un(paid|perform)|bad|default|fail|delinq|dlq|late|bankrupt|charge|risk",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TargetRule:
    """What counts as default: the column, its values that do, all others, and why."""

    column: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The outcome of each row: `known` rows have one, `bad` ones defaulted."""

    rule: TargetRule
    known: Flags
    bad: Flags
    findings: tuple[Finding, ...]


def read_target(table: Table, column: str, bad: Sequence[str] = ()) -> Target:
    """The target of a table; `bad` are the values stated to mean default.

    InputProblem unless it has two values, or `bad` sets some of several apart.
    """
    name = table.column_called(column, OPTION)
    texts = table.texts(name)
    counts = _values(texts)
    rule = _stated(name, counts, bad) if bad else _told(name, counts)
    flags = np.array([written_level(text) in rule.bad for text in texts.levels], dtype=bool)
    missing = np.array([is_missing(text) for text in texts.levels], dtype=bool)
    known = ~missing[texts.codes] & ~table.broken
    found = Target(rule, known, flags[texts.codes] & known, ())
    return Target(rule, known, found.bad, _findings(table, found))


def flags_by_rule(table: Table, column: str, rule: TargetRule) -> tuple[Flags, Flags]:
    """Which rows of another table have an outcome, and which defaulted, by a model's own rule.

    InputProblem for values that the rule does not know.
    """
    name = table.column_called(column, OPTION)
    texts = table.texts(name)
    strange = [value for value in _values(texts) if value not in (*rule.bad, *rule.good)]
    if strange:
        raise problem(
            "strange-outcome",
            name,
            f"The model was told of the outcomes {_listed((*rule.bad, *rule.good))}; here stand "
            f"also {_listed(strange)}.",
            "Write outcomes as the training table did.",
        )
    flags = np.array([written_level(text) in rule.bad for text in texts.levels], dtype=bool)
    missing = np.array([is_missing(text) for text in texts.levels], dtype=bool)
    known = ~missing[texts.codes] & ~table.broken
    return known, flags[texts.codes] & known


def _values(texts: Texts) -> dict[str, int]:
    """Each value of a target and how many rows have it, the most frequent first."""
    counts: dict[str, int] = {}
    for text, rows in zip(texts.levels, texts.counts.tolist(), strict=True):
        if rows and not is_missing(text):
            counts[written_level(text)] = counts.get(written_level(text), 0) + rows
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _stated(name: str, counts: dict[str, int], bad: Sequence[str]) -> TargetRule:
    folded = {value.casefold(): value for value in counts}
    wanted = [written_level(value.strip()).casefold() for value in bad]
    absent = [value for value, key in zip(bad, wanted, strict=True) if key not in folded]
    if absent:
        raise problem(
            "no-such-outcome",
            "--bad",
            f"'{clean(name, 80)}' has no value {_listed(absent)}; it has {_shown(counts)}.",
            "State one of these.",
        )
    chosen = tuple(dict.fromkeys(folded[key] for key in wanted))
    good = tuple(value for value in counts if value not in chosen)
    if not good:
        raise _one_class(name, chosen)
    return TargetRule(name, chosen, good, "stated with --bad")


def _told(name: str, counts: dict[str, int]) -> TargetRule:
    if not counts:
        raise problem(
            "no-outcome", name, "The target is empty in every row.", "Give rows with an outcome."
        )
    if len(counts) == 1:
        raise _one_class(name, tuple(counts))
    if len(counts) > 2:
        raise _many_values(name, counts)
    bad, because = _which(name, list(counts))
    good = next(value for value in counts if value != bad)
    return TargetRule(name, (bad,), (good,), because)


def _which(name: str, values: list[str]) -> tuple[str, str]:
    """The value of two that means default, and the rule that says so."""
    for said, bad in ((GOOD, False), (BAD, True)):
        matching = [value for value in values if said.fullmatch(value.strip())]
        if len(matching) == 1:
            (word,) = matching
            other = next(value for value in values if value != word)
            meaning = "a default" if bad else "a loan that went well"
            return (word if bad else other), f"the word '{clean(word, 40)}' means {meaning}"
    true = [value for value in values if value.casefold() in TRUE]
    false = [value for value in values if value.casefold() in FALSE]
    if len(true) == 1 and len(false) == 1:
        if GOOD_NAME.search(name) and not BAD_NAME.search(name):
            return false[0], f"the name '{clean(name, 40)}' says that {true[0]} went well"
        return true[0], f"{true[0]} answers yes to the target"
    numbers = [float(value) for value in values if re.fullmatch(r"-?\d+(\.\d+)?", value)]
    if len(numbers) == len(values):
        return max(values, key=float), "it is the larger of two numbers"
    return values[-1], "it is the rarer of two values; nothing else tells"


def _findings(table: Table, target: Target) -> tuple[Finding, ...]:
    found = []
    left_out = int((~target.known & ~table.broken).sum())
    if left_out:
        verb = "has" if left_out == 1 else "have"
        found.append(Finding(
            "outcome-missing", Severity.WARNING, target.rule.column,
            f"{counted(left_out, 'row')} {verb} no outcome and {_are(left_out)} not learned from.",
            "Nothing, if the outcome is not known yet.", left_out,
        ))  # fmt: skip
    share = target.bad.sum() / max(1, target.known.sum())
    doubtful = share > HALF or "nothing else tells" in target.rule.because
    if doubtful and target.rule.because != "stated with --bad":
        found.append(Finding(
            "doubtful-default", Severity.WARNING, target.rule.column,
            f"{_listed(target.rule.bad)} is taken for the default ({target.rule.because}); that "
            f"makes {100 * share:.0f} % of rows defaults.",
            f"If it is the other, state it: --bad {clean(target.rule.good[0], 40)!r}.",
        ))  # fmt: skip
    return tuple(found)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _one_class(name: str, values: Sequence[str]) -> Exception:
    return problem(
        "one-class",
        name,
        f"Every row has the outcome {_listed(values)}, so no default risk can be learned.",
        "Give rows that defaulted and rows that did not.",
    )


def _many_values(name: str, counts: dict[str, int]) -> Exception:
    rows = sum(counts.values())
    if len(counts) > VALUES_MANY and len(counts) > IDENTIFIER_SHARE * rows:
        return problem(
            "target-identifies",
            name,
            f"The target has {len(counts):,} values in {rows:,} rows: it names or measures rows, "
            "it is no outcome.",
            "Name a column of two values.",
        )
    return problem(
        "many-outcomes",
        name,
        f"The target has {len(counts):,} values: {_shown(counts)}.",
        "State which mean default, such as --bad VALUE; the option may be repeated, and all other "
        "values count as no default.",
    )


def _shown(counts: dict[str, int]) -> str:
    shown = [f"'{clean(value, 40)}' ({rows:,})" for value, rows in counts.items()]
    more = f" and {len(shown) - VALUES_SHOWN} more" if len(shown) > VALUES_SHOWN else ""
    return ", ".join(shown[:VALUES_SHOWN]) + more


def _listed(values: Sequence[str]) -> str:
    return " and ".join(f"'{clean(value, 40)}'" for value in values)
