"""Any two tables linked: precision and recall without labels, on real sets and on made ones.

Each set is linked as `tradeline link` does it, with no mapping but for the columns that would give
the truth away. Figures are those at our own threshold of 0.5; *best F1* is what the order of the
probabilities would allow if somebody who has labels chose the threshold. Beside them stands a plain
peer: records as one text, `tf-idf` of letter groups, pairs that are nearest to each other both
ways, and for it too the threshold that labels would choose, which no user has. With `--peer`
Splink deduplicates the historical persons in the same run.

`python -m benchmarks.link_tables [--sets NAME ...] [--seeds N ...] [--size N] [--peer PYTHON]`
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.altered_tables import ALTERATIONS
from benchmarks.made_tables import KINDS
from benchmarks.measure import show, sound_cost
from tests.data import data_folder
from tradeline.creditfile.linkage.tables.files import DataTable, read_table
from tradeline.creditfile.linkage.tables.job import (
    Linked,
    expected_precision,
    expected_recall,
    link_tables,
)
from tradeline.creditfile.linkage.tables.mapping import LinkMapping

SEEDS = (1, 2, 3)
SIZE = 600
PLAIN_MOST = 6_000
"""Records up to which the plain peer compares all with all."""
STATED = {
    "febrl4": "none known; measured on the same pairs: recordlinkage 0.16 (ECM) 0.9997, Splink 5.0 "
    "0.9999 to 1.0000",
    "dnb": "none; test data of the package name_matching",
    "kvk": "none; test data of the package emm",
    "historical": "none; the documentation of Splink works through the set, states no F1 (--peer "
    "measures it)",
}
"""What others state of the F1 on a set."""
HISTORICAL = "historical_figures_with_errors_50k.parquet"
COLUMNS = ("first_name", "surname", "dob", "birth_place", "postcode_fake", "gender", "occupation")
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Task:
    """Two tables, whether two identifiers name the same, and how many pairs do."""

    name: str
    left: DataTable
    right: DataTable
    is_same: Callable[[object, object], bool]
    same: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What linking a set gave."""

    precision: float
    recall: float
    best_f1: float
    expected: tuple[float, float]
    candidates: float
    wall_s: float
    plain_best_f1: float | None

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _f1(self.precision, self.recall)


def made_task(kind: str, seed: int, size: int, altered: str | None = None) -> Task:
    """A pair of made tables, or one with duplicates; altered in one of the ways of users."""
    maker = KINDS[kind]
    made = ALTERATIONS[altered](maker, seed, size) if altered else maker(seed, size)
    left = _table(kind, made.left)
    right = left if made.left is made.right else _table(kind, made.right)
    name = f"{kind}, {altered}, seed {seed}" if altered else f"{kind}, seed {seed}"
    same = len(made.truth) // 2 if left is right else len(made.truth)
    return Task(name, left, right, lambda a, b: (a, b) in made.truth, same)


def _table(name: str, rows: Sequence[Mapping[str, str]]) -> DataTable:
    columns = {name: tuple(row[name] for row in rows) for name in rows[0] if name != "id"}
    return DataTable(name, columns, tuple(row["id"] for row in rows), "id")


def real_task(name: str) -> Task:
    """A real set by name."""
    if name == "historical":
        table = read_table(data_folder("splink_historical_50k") / HISTORICAL, "unique_id")
        cluster = dict(zip(table.ids, table.columns["cluster"], strict=True))
        kept = replace(table, columns={column: table.columns[column] for column in COLUMNS})
        return _grouped(name, kept, kept, cluster)
    if name == "dnb":
        folder = data_folder("company_name_pairs")
        left, right = (
            read_table(folder / f"dnb_{kind}test_names.csv", "column 1")
            for kind in ("", "adjusted_")
        )
        return _grouped(name, left, right, {one: one for one in left.ids})
    if name == "kvk":
        return _kvk()
    tables = [_febrl(part) for part in FEBRL[name]]
    left, right = tables[0], tables[-1]
    person = {one: str(one).split("-")[1] for one in (*left.ids, *right.ids)}
    return _grouped(name, left, right, person)


FEBRL = {"febrl1": ["1"], "febrl2": ["2"], "febrl3": ["3"], "febrl4": ["4a", "4b"]}
REAL = (*FEBRL, "dnb", "kvk", "historical")


def _kvk() -> Task:
    """Names of the Dutch register and the names that were to be found among them."""
    pairs = read_table(data_folder("company_name_pairs") / "kvk_namepairs_201.csv").columns
    sides = []
    key: dict[object, object] = {}
    for one, entity, name in (("gt_uid", "gt_entity_id", "gt_name"), ("uid", "entity_id", "name")):
        rows = dict(zip(pairs[one], zip(pairs[entity], pairs[name], strict=True), strict=True))
        ids = tuple(f"{one} {number}" for number in rows)
        key |= {
            made: str(float(found)) for made, (found, _) in zip(ids, rows.values(), strict=True)
        }
        names = {"name": tuple(text for _, text in rows.values())}
        sides.append(DataTable(one, names, ids, one))
    return _grouped("kvk", sides[0], sides[1], key)


def _febrl(part: str) -> DataTable:
    path = data_folder("febrl") / f"dataset{part}.csv.gz"
    rows = duckdb.execute("SELECT * FROM read_csv(?, all_varchar = true)", [str(path)])
    names = [item[0].strip() for item in rows.description]
    columns = dict(zip(names, zip(*rows.fetchall(), strict=True), strict=True))
    texts = {
        name: tuple((value or "").strip() for value in values) for name, values in columns.items()
    }
    return DataTable(path.name, texts, texts.pop("rec_id"), "rec_id")


def _grouped(name: str, left: DataTable, right: DataTable, key: Mapping[object, object]) -> Task:
    ours = Counter(key[one] for one in left.ids)
    if left is right:
        same = sum(count * (count - 1) // 2 for count in ours.values())
    else:
        theirs = Counter(key[one] for one in right.ids)
        same = sum(count * theirs[one] for one, count in ours.items())
    return Task(name, left, right, lambda a, b: key[a] == key[b], same)


def measured(task: Task) -> Figures:
    """Link the set and hold the links to the truth."""
    start = time.perf_counter()
    linked = link_tables(task.left, task.right, LinkMapping(), lambda _: None)
    wall = time.perf_counter() - start
    right = truth_of(task, linked.pairs.T.tolist())
    judged = truth_of(task, linked.judged.pairs.T.tolist())
    return Figures(
        float(right.mean()) if len(right) else 0.0,
        float(right.sum()) / task.same,
        _best(linked, judged, task.same),
        (expected_precision(linked), expected_recall(linked)),
        float(judged.sum()) / task.same,
        wall,
        plain_best(task) if max(task.left.rows, task.right.rows) <= PLAIN_MOST else None,
    )


def truth_of(task: Task, pairs: Iterable[Sequence[int]]) -> Flags:
    """Of each pair of places, whether both are the same."""
    found = [task.is_same(task.left.ids[one], task.right.ids[other]) for one, other in pairs]
    return np.array(found, bool)


def _best(linked: Linked, right: Flags, same: int) -> float:
    return best_f1(linked.judged.learned.chances, right, same)


def best_f1(scores: NDArray[np.float64], right: Flags, same: int) -> float:
    """The greatest F1 of any threshold on the scores; of equal scores all or none count."""
    order = np.argsort(-scores, kind="stable")
    if not len(scores):
        return 0.0
    last = np.flatnonzero(np.r_[np.diff(scores[order]) != 0, True])
    found = np.cumsum(right[order])[last]
    return float((2 * found / (last + 1 + same)).max())


def plain_best(task: Task) -> float:
    """The best F1 of pairs that are nearest both ways by letter groups of the whole record."""
    texts = [
        [" ".join(parts) for parts in zip(*table.columns.values(), strict=True)]
        for table in (task.left, task.right)
    ]
    maker = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), dtype=np.float32)
    vectors = maker.fit_transform([*texts[0], *texts[1]])
    likeness = (vectors[: task.left.rows] @ vectors[task.left.rows :].T).toarray()
    if task.left is task.right:
        np.fill_diagonal(likeness, -1)
        lefts, rights = np.nonzero(np.triu(likeness, 1) > 0.3)
    else:
        nearest = likeness.argmax(axis=1)
        lefts = np.flatnonzero(likeness.argmax(axis=0)[nearest] == np.arange(len(nearest)))
        rights = nearest[lefts]
    right = truth_of(task, zip(lefts.tolist(), rights.tolist(), strict=True))
    return best_f1(likeness[lefts, rights].astype(np.float64), right, task.same)


def splink_f1(task: Task, peer: str) -> tuple[float, float, float]:
    """Splink's precision and recall of the pairs of its clusters, and the best F1 of its scores."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "found"
        script = Path(__file__).parent / "peers" / "splink_persons.py"
        records = data_folder("splink_historical_50k") / HISTORICAL
        sound_cost([peer, str(script), str(records), "--out", str(out)])
        pairs = duckdb.execute(f"FROM read_parquet('{out}.pairs')").fetchnumpy()
        clusters = duckdb.execute(f"FROM read_parquet('{out}.clusters')").fetchall()
    right = np.array(
        [task.is_same(a, b) for a, b in zip(pairs["l"].tolist(), pairs["r"].tolist(), strict=True)]
    )
    label = dict(clusters)
    joined = Counter(label.values())
    within = Counter((label[one], _cluster_of(task, one)) for one in task.left.ids)
    made = sum(count * (count - 1) // 2 for count in joined.values())
    sound = sum(count * (count - 1) // 2 for count in within.values())
    return sound / made, sound / task.same, best_f1(pairs["probability"], right, task.same)


def _cluster_of(task: Task, one: object) -> str:
    """The true cluster of a historical person, which stands in front of its identifier."""
    assert task.name == "historical"
    return str(one).rsplit("-", 1)[0]


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main(words: Sequence[str] | None = None) -> int:
    """Measure every set that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.link_tables", description=__doc__)
    names = (*KINDS, *REAL)
    parser.add_argument("--sets", nargs="+", choices=names, default=names, help="(all)")
    parser.add_argument(
        "--seeds", nargs="+", type=int, default=SEEDS, help="of made tables (1 2 3)"
    )
    parser.add_argument("--size", type=int, default=SIZE, help=f"things in made tables ({SIZE})")
    parser.add_argument(
        "--altered",
        nargs="+",
        choices=ALTERATIONS,
        help="made tables as users bring them (as made)",
    )
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter that has Splink")
    options = parser.parse_args(words)
    for task in _tasks(options):
        _show(task, measured(task))
        if task.name == "historical" and options.peer:
            precision, recall, best = splink_f1(task, options.peer)
            show(
                "historical by Splink",
                [f"P {precision:.3f} R {recall:.3f} F1 {_f1(precision, recall):.3f}, "
                 f"best F1 of its pairs {best:.3f}"],
                {"precision": precision, "recall": recall, "best_f1": best},
            )  # fmt: skip
    return 0


def _tasks(options: argparse.Namespace) -> Iterator[Task]:
    """Each set that is asked for: made tables by seed and alteration, a real one as it is."""
    for name in options.sets:
        if name in REAL:
            yield real_task(name)
            continue
        for altered, seed in product(options.altered or (None,), options.seeds):
            yield made_task(name, seed, options.size, altered)


def _show(task: Task, found: Figures) -> None:
    plain = (
        "" if found.plain_best_f1 is None else f"; plain peer at its best {found.plain_best_f1:.3f}"
    )
    lines = [
        f"{task.left.rows:,} x {task.right.rows:,} records, {task.same:,} true pairs, "
        f"{found.candidates:.1%} of them candidates, {found.wall_s:.1f} s",
        f"P {found.precision:.3f} R {found.recall:.3f} F1 {found.f1:.3f}, best F1 "
        f"{found.best_f1:.3f}; expected P {found.expected[0]:.3f} R {found.expected[1]:.3f}{plain}",
    ]
    if task.name in REAL:
        lines.append(f"F1 that others state: {STATED.get(task.name, 'none known')}")
    figures = {
        "f1": found.f1,
        "precision": found.precision,
        "recall": found.recall,
        "best_f1": found.best_f1,
        "expected": found.expected,
        "plain_best_f1": found.plain_best_f1,
        "wall_s": found.wall_s,
    }
    show(task.name, lines, json.loads(json.dumps(figures)))


if __name__ == "__main__":
    raise SystemExit(main())
