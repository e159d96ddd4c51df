"""What is written of linked tables: the links, the evidence for each, and pairs to be looked at."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.mixture import (
    AFFILIATED,
    MISSING,
    NAMESAKE,
    SAME,
    UNRELATED,
)
from tradeline.creditfile.linkage.tables.competition import Flags
from tradeline.creditfile.linkage.tables.fields import FieldValues
from tradeline.creditfile.linkage.tables.job import Linked
from tradeline.creditfile.linkage.tables.vectors import Floats, Places
from tradeline.kernel.findings import problem

Column = NDArray[np.int64] | NDArray[np.object_] | NDArray[np.float64]
COLUMNS = ("left", "right", "probability", "relation")
LINKS_HEADER = ",".join(COLUMNS)
EVIDENCE_HEADER = "left,right,comparison,level,bits"
REVIEW_HEADER = "left,right,probability"
REVIEWED = 1_000
DOUBTFUL = (0.02, 0.98)
LEAST = 0.001
"""Chances below which a pair is no candidate any more, and is not written with the others."""
TIES = ("address", "phone", "email", "web", "person_name", "identifier")
"""Kinds of fields that tie firms to each other."""


def require_kind(path: Path, option: str) -> None:
    """InputProblem unless the links can be written under this name."""
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise problem(
            "unknown-kind",
            option,
            f"'{path.name}' is neither Parquet nor CSV by its name.",
            "Name a file that ends in .parquet or .csv.",
        )


def is_links(path: Path) -> bool:
    """Whether a file holds links that were written before, and may be replaced."""
    if not path.is_file():
        return False
    if path.suffix.lower() == ".csv":
        with path.open("rb") as stream:
            return stream.read(len(LINKS_HEADER)) == LINKS_HEADER.encode()
    try:
        found = duckdb.connect().execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(path)])
    except duckdb.Error:
        return False
    return tuple(item[0] for item in found.description) == COLUMNS


def write_links(linked: Linked, path: Path, everything: bool) -> int:
    """Write the links, or all candidates; sorted by the tables' order. How many were written."""
    pairs, chances = _with_others(linked) if everything else (linked.pairs, linked.chances)
    relations = relations_of(linked, pairs, chances)
    order = np.lexsort((pairs[1], -chances, pairs[0]))
    columns = {
        "left": _column([linked.left.ids[place] for place in pairs[0, order].tolist()]),
        "right": _column([linked.right.ids[place] for place in pairs[1, order].tolist()]),
        "probability": chances[order],
        "relation": np.array(relations, object)[order],
    }
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("made", columns)
        form = "(FORMAT parquet)" if path.suffix.lower() == ".parquet" else "(HEADER)"
        connection.execute(
            f"COPY (SELECT {_typed(columns)} FROM made) TO $path {form}", {"path": str(path)}
        )
    return len(order)


def _typed(columns: dict[str, Column]) -> str:
    """The columns as SQL, typed even where there is no row to tell by."""
    kinds = {
        name: "BIGINT" if columns[name].dtype.kind == "i" else "VARCHAR" for name in COLUMNS[:2]
    } | {"probability": "DOUBLE", "relation": "VARCHAR"}
    return ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in kinds.items())


def _column(ids: Sequence[object]) -> Column:
    whole = all(isinstance(one, int) for one in ids)
    return np.array(ids, np.int64 if whole else object)


def _with_others(linked: Linked) -> tuple[Places, Floats]:
    """The links, and every other pair that was compared and is not out of the question."""
    judged, chances = linked.judged.pairs, linked.judged.learned.chances
    width = linked.right.rows
    known = set((linked.pairs[0] * width + linked.pairs[1]).tolist())
    keys = (judged[0] * width + judged[1]).tolist()
    others = np.array([key not in known for key in keys], bool) & (chances >= LEAST)
    rest = np.minimum(chances[others], np.nextafter(linked.threshold, 0))
    odd = linked.judged.at_odds
    return (
        np.hstack([linked.pairs, judged[:, others], odd]),
        np.concatenate([linked.chances, rest, np.zeros(odd.shape[1])]),
    )


def relations_of(linked: Linked, pairs: Places, chances: Floats) -> list[str]:
    """*same* from the threshold on; below it, of firms with one name, affiliated or namesake.

    Affiliated are those that something else ties: an address, a phone, a site, a person.
    """
    found = np.where(chances >= linked.threshold, SAME, UNRELATED).astype(object)
    firms = [field for field in linked.fields if field.field.kind == "company_name"]
    ties = [field for field in linked.fields if field.field.kind in TIES]
    if not firms:
        return list(found)
    below = chances < linked.threshold
    named = np.logical_or.reduce([_one_brand(firm, pairs) for firm in firms])
    tied = np.zeros(len(chances), bool)
    for field in ties:
        left, right = field.left[pairs[0]], field.right[pairs[1]]
        tied |= (left >= 0) & (left == right)
    found[below & named] = NAMESAKE
    found[below & named & tied] = AFFILIATED
    return list(found)


def _one_brand(firm: FieldValues, pairs: Places) -> Flags:
    """Whether the brands of two firms sound alike."""
    left, right = firm.left[pairs[0]], firm.right[pairs[1]]
    if firm.names is None or not firm.values:
        return np.zeros(len(left), bool)
    sound = firm.names.sound
    alike: Flags = (left >= 0) & (right >= 0) & (sound[left] == sound[right]) & (sound[left] != "")
    return alike


def write_evidence(linked: Linked, path: Path) -> None:
    """For each link what each comparison says, in bits; the lines of a link add up to its odds."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(EVIDENCE_HEADER.split(","))
        for pair, chance in zip(linked.pairs.T.tolist(), linked.chances.tolist(), strict=True):
            ids = [linked.left.ids[pair[0]], linked.right.ids[pair[1]]]
            for comparison, level, bits in evidence_of(linked, pair, chance):
                writer.writerow([*ids, comparison, level, f"{bits:.2f}"])


def evidence_of(
    linked: Linked, pair: Sequence[int], chance: float
) -> Iterator[tuple[str, str, float]]:
    """The lines of one link: prior, comparisons, and what rivals and runners-up change."""
    judged = linked.judged
    width = linked.right.rows
    keys = judged.pairs[0] * width + judged.pairs[1]
    place = int(np.searchsorted(keys, pair[0] * width + pair[1]))
    odds = float(np.log2(max(chance, 1e-12) / max(1 - chance, 1e-12)))
    if place == len(keys) or keys[place] != pair[0] * width + pair[1]:
        yield "chain", "linked by others of its cluster", odds
        return
    patterns, weights = judged.patterns, judged.learned.weights
    prior = np.array(weights.prior)
    total = float(np.log2(prior[0] / prior[1:].sum()))
    yield "prior", "", total
    for k, compared in enumerate(patterns.compared):
        level = int(patterns.levels[patterns.of_pair[place], k])
        if level == MISSING:
            yield compared.name, "missing", 0.0
            continue
        same = weights.shares[0][k][level]
        other = float(
            np.einsum("c,c->", prior[1:], np.array([row[k][level] for row in weights.shares[1:]]))
            / prior[1:].sum()
        )
        bits = float(np.log2(same / other))
        total += bits
        yield compared.name, compared.levels[level], bits
    yield "rivals and runners-up", "", odds - total


def write_review(linked: Linked, path: Path) -> int:
    """Doubtful pairs with what both tables say, nearest to the threshold first; how many.

    Those that only their numbers keep apart come before all others.
    """
    pairs, chances = _with_others(linked)
    at_odds = np.arange(len(chances)) >= len(chances) - linked.judged.at_odds.shape[1]
    doubtful = np.flatnonzero(((chances > DOUBTFUL[0]) & (chances < DOUBTFUL[1])) | at_odds)
    near = np.where(at_odds[doubtful], -1.0, np.abs(chances[doubtful] - linked.threshold))
    order = doubtful[np.lexsort((pairs[1, doubtful], pairs[0, doubtful], near))][:REVIEWED]
    names = [
        f"{field.field.name} ({side})" for field in linked.fields for side in ("left", "right")
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*REVIEW_HEADER.split(","), *names])
        for place in order.tolist():
            left, right = int(pairs[0, place]), int(pairs[1, place])
            shown = [
                field.written[value] if value >= 0 else ""
                for field in linked.fields
                for value in (int(field.left[left]), int(field.right[right]))
            ]
            ids = [linked.left.ids[left], linked.right.ids[right]]
            writer.writerow([*ids, f"{chances[place]:.4f}", *shown])
    return len(order)
