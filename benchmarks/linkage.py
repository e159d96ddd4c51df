"""Linkage of firms with sisters, namesakes, slips and missing numbers, beside Splink.

Each side is a process of its own. Ours reads the records as they were told and writes clusters,
affiliated pairs and namesakes; pairs within a cluster count as found. Splink, plain and tuned (see
`peers/splink_link.py`), is given our normal columns and our blocking keys, so that it compares the
same pairs of the same columns and is spared the preparation; its pairs count as found at 0.9, and
at the best of all thresholds, which only who knows the truth can choose.

The goals, on a seed that nothing was developed on: precision at least 0.95 at recall of at least
0.90, and at most 1.5 times the processor time of plain Splink.

  make .venv-peers/.ready
  python -m benchmarks.linkage --records 200000 --seed 20261

Without it only our side is measured.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np

from benchmarks.measure import REPOSITORY, Cost, show, sound_cost
from tradeline.creditfile.linkage.candidates import Meeting, keyed_sql, rules_of
from tradeline.creditfile.linkage.fields import Field
from tradeline.creditfile.linkage.linking import link
from tradeline.creditfile.linkage.mixture import AFFILIATED, NAMESAKE
from tradeline.creditfile.linkage.records import Table, prepare, read_raw
from tradeline.world.registers import SOURCES, draw_registers

PEER = REPOSITORY / ".venv-peers" / "bin" / "python"
PEER_SCRIPT = REPOSITORY / "benchmarks" / "peers" / "splink_link.py"
KINDS = {
    "name": "company_name",
    "person": "person_name",
    "phone": "phone",
    "address": "address",
    "city": "text",
    "registration": "identifier",
}
FIELDS = tuple(Field(name, kind, name, name) for name, kind in KINDS.items())
PRECISION_GOAL, RECALL_GOAL, CPU_GOAL = 0.95, 0.90, 1.5


@dataclass(frozen=True, slots=True)
class Quality:
    """How right pairs are, and how many of the true ones are among them."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def line(self) -> str:
        """In words."""
        return f"precision {self.precision:.4f}, recall {self.recall:.4f}, F1 {self.f1:.4f}"


def main(words: Sequence[str] | None = None) -> int:
    """Make the records, run each side, and compare what they found and took."""
    options = _options(words)
    if options.link:
        link_folder(options.link)
        return 0
    with TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        write_records(folder, options.records, options.seed)
        costs = {
            "ours": sound_cost([sys.executable, "-m", "benchmarks.linkage", "--link", str(folder)])
        }
        if options.peer.exists():
            write_peer_table(folder)
            for mode in ("plain", "tuned"):
                out = str(folder / f"splink_{mode}.parquet")
                told = [str(options.peer), str(PEER_SCRIPT), mode, str(folder / "peer.parquet")]
                costs[mode] = sound_cost([*told, "--out", out])
        else:
            print(f"There is no {options.peer}, so Splink is not measured (see --help).")
        _report(folder, options.records, options.seed, costs)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.linkage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--records", type=int, default=200_000, help="records (200000)")
    parser.add_argument("--seed", type=int, default=20261, help="seed of the records (20261)")
    parser.add_argument("--peer", type=Path, default=PEER, help=f"python with Splink ({PEER})")
    parser.add_argument("--keep", type=Path, help="keep the tables in this folder")
    parser.add_argument("--link", type=Path, help="only link this folder (what our side runs)")
    return parser.parse_args(words)


def write_records(folder: Path, records: int, seed: int) -> None:
    """Write the records of each source, and the truth of all."""
    drawn = draw_registers(records, seed)
    columns: dict[str, Any] = {name: np.array(v, object) for name, v in drawn.columns.items()}
    truth = {"record": columns["record"], "firm": drawn.firm, "owner": drawn.owner,
             "brand": drawn.brand}  # fmt: skip
    connection = duckdb.connect()
    connection.register("told", columns)
    for source in SOURCES:
        connection.execute(
            f"COPY (SELECT * EXCLUDE (source) FROM told WHERE source = '{source}') "
            f"TO '{folder / source}.parquet' (FORMAT parquet)"
        )
    connection.register("truth", truth)
    connection.execute(f"COPY truth TO '{folder}/truth.parquet' (FORMAT parquet)")


def tables(folder: Path) -> list[Table]:
    """The sources of a folder as tables to be linked."""
    names = {name: name for name in KINDS}
    return [
        Table(f"read_parquet('{folder / source}.parquet')", source, "record", names)
        for source in SOURCES
    ]


def link_folder(folder: Path) -> None:
    """Our side: link, write clusters, affiliated pairs and namesakes."""
    connection = duckdb.connect()
    added = link(connection, FIELDS, tables(folder))
    connection.execute(
        "COPY (SELECT record, cluster FROM clusters JOIN records USING (n)) "
        f"TO '{folder}/clusters.parquet' (FORMAT parquet)"
    )
    for relation in (AFFILIATED, NAMESAKE):
        connection.execute(
            "COPY (SELECT a.record AS l, b.record AS r FROM judged JOIN records AS a ON a.n = l "
            f"JOIN records AS b ON b.n = r WHERE relation = '{relation}') "
            f"TO '{folder}/{relation}.parquet' (FORMAT parquet)"
        )
    print(json.dumps({"pairs": added.pairs, "dropped": len(added.dropped)}))


def write_peer_table(folder: Path) -> None:
    """Our normal columns and the keys by which our records meet, as Splink is given them."""
    connection = duckdb.connect()
    read_raw(connection, FIELDS, tables(folder))
    prepare(connection, FIELDS)
    rules = rules_of(FIELDS)
    most = Meeting().block_max
    connection.execute(f"CREATE TABLE keyed AS {keyed_sql(rules, 'normal')}")
    connection.execute(
        "CREATE TABLE sized AS SELECT *, count(*) OVER (PARTITION BY rule, key) AS whole, "
        "count(*) OVER (PARTITION BY rule, finer) AS part FROM keyed"
    )
    keys = ", ".join(
        f"max(CASE WHEN whole <= {most} THEN key WHEN part <= {most} THEN finer END) "
        f"FILTER (rule = {number}) AS key_{number}"
        for number in range(len(rules))
    )
    connection.execute(
        "COPY (SELECT normal.* REPLACE (bases.address AS address), lower(bases.name) AS name, "
        "keys.* EXCLUDE (n) FROM normal JOIN bases USING (n) LEFT JOIN "
        f"(SELECT n, {keys} FROM sized GROUP BY n) AS keys USING (n) ORDER BY n) "
        f"TO '{folder}/peer.parquet' (FORMAT parquet)"
    )


def _quality(connection: duckdb.DuckDBPyConnection, pairs: str, truth: str, same: str) -> Quality:
    """Of pairs (l, r: records) against how many true ones there are."""
    ((right, found, true),) = connection.execute(
        f"SELECT count(*) FILTER ({same}), count(*), ({truth}) FROM ({pairs}) AS p "
        "JOIN truth AS a ON a.record = p.l JOIN truth AS b ON b.record = p.r"
    ).fetchall()
    return Quality(right / max(found, 1), right / true)


def _report(folder: Path, records: int, seed: int, costs: dict[str, Cost]) -> None:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE truth AS FROM '{folder}/truth.parquet'")
    pairs = "(SELECT sum(k * (k - 1) / 2) FROM (SELECT count(*) AS k FROM truth GROUP BY {}))"
    same = pairs.format("firm")
    kin = f"{pairs.format('owner')} - {same}"
    namesakes = f"{pairs.format('brand')} - {pairs.format('owner')}"
    clusters = (
        "SELECT a.record AS l, b.record AS r FROM '{0}' AS a JOIN '{0}' AS b USING (cluster) "
        "WHERE a.record < b.record"
    ).format(folder / "clusters.parquet")
    found = {
        "ours": _quality(connection, clusters, same, "a.firm = b.firm"),
        "ours, affiliated": _quality(
            connection,
            f"FROM '{folder}/affiliated.parquet'",
            kin,
            "a.owner = b.owner AND a.firm != b.firm",
        ),
        "ours, namesakes": _quality(
            connection,
            f"FROM '{folder}/namesake.parquet'",
            namesakes,
            "a.brand = b.brand AND a.owner != b.owner",
        ),
    }
    for mode in (mode for mode in costs if mode != "ours"):
        found |= _of_splink(connection, folder, mode, same)
    ours = costs["ours"].cpu_s
    ratios = {f"cpu_to_{mode}": ours / cost.cpu_s for mode, cost in costs.items() if mode != "ours"}
    lines = [f"{name}: {quality.line()}" for name, quality in found.items()]
    lines += [
        f"{side}: {cost.cpu_s:.1f} s of processor time, {cost.wall_s:.1f} s, "
        f"peak {cost.peak_gb * 1024:,.0f} MB"
        for side, cost in costs.items()
    ]
    lines += [f"{name}: {ratio:.2f} (goal {CPU_GOAL})" for name, ratio in ratios.items()]
    lines.append(f"Goal: precision {PRECISION_GOAL} at recall {RECALL_GOAL}.")
    figures = {
        name: {"precision": one.precision, "recall": one.recall, "f1": one.f1}
        for name, one in found.items()
    }
    taken = {
        side: {"cpu_s": cost.cpu_s, "wall_s": cost.wall_s, "peak_mb": cost.peak_gb * 1024}
        for side, cost in costs.items()
    }
    show(
        "linkage",
        [f"{records:,} records, seed {seed}.", *lines],
        {"records": records, "seed": seed, "found": figures, "taken": taken, **ratios},
    )


def _of_splink(
    connection: duckdb.DuckDBPyConnection, folder: Path, mode: str, same: str
) -> dict[str, Quality]:
    """Splink's pairs at 0.9, and at the threshold of greatest F1."""
    pairs = (
        "SELECT a.record AS l, b.record AS r FROM '{0}/splink_{1}.parquet' AS p "
        "JOIN '{0}/peer.parquet' AS a ON a.n = p.l JOIN '{0}/peer.parquet' AS b ON b.n = p.r "
        "WHERE probability >= {2}"
    )
    found = {
        threshold: _quality(
            connection, pairs.format(folder, mode, threshold), same, "a.firm = b.firm"
        )
        for threshold in (0.5, 0.9, *(1 - 10.0**-digits for digits in range(2, 9)))
    }
    best = max(found, key=lambda threshold: found[threshold].f1)
    return {
        f"Splink {mode} at 0.9": found[0.9],
        f"Splink {mode} at its best ({best})": found[best],
    }


if __name__ == "__main__":
    raise SystemExit(main())
