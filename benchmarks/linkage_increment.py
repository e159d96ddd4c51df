"""New records joined to a million that stand, beside linking all of them anew: time and equality.

Each step is a process of its own on a database in a file. The goal is at most 0.10 of the processor
time of the full relink, by the same model, with equal clusters and equal judgements of all pairs.

  python -m benchmarks.linkage_increment --records 1000000 --later 10000
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.linkage import FIELDS, KINDS, write_records
from benchmarks.measure import Cost, show, sound_cost
from tradeline.creditfile.linkage.linking import link, read_model
from tradeline.creditfile.linkage.records import Table
from tradeline.world.registers import SOURCES

GOAL = 0.10
STANDING, ANEW = "standing.duckdb", "anew.duckdb"


def main(words: Sequence[str] | None = None) -> int:
    """Link most records, add the rest, link all anew, and compare."""
    options = _options(words)
    if options.step:
        take_step(options.step, options.folder)
        return 0
    with TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        write_records(folder, options.records, options.seed)
        _set_apart(folder, options.later)
        module = [sys.executable, "-m", "benchmarks.linkage_increment", "--folder", str(folder)]
        costs = {step: sound_cost([*module, "--step", step]) for step in ("stand", "add", "anew")}
        _report(folder, options, costs)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.linkage_increment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--records", type=int, default=1_000_000, help="all records (1000000)")
    parser.add_argument("--later", type=int, default=10_000, help="of them added later (10000)")
    parser.add_argument("--seed", type=int, default=20261, help="seed of the records (20261)")
    parser.add_argument("--keep", type=Path, help="keep the tables in this folder")
    parser.add_argument("--step", help="only take this step (what is measured)")
    parser.add_argument("--folder", type=Path, help="the folder of a step")
    return parser.parse_args(words)


def _set_apart(folder: Path, later: int) -> None:
    """Divide the records of each source into those that stand and those that come later."""
    for source in SOURCES:
        told = f"FROM read_parquet('{folder / source}.parquet')"
        share = f"(SELECT count(*) * {len(SOURCES)} {told})"
        chosen = f"hash(record || 'later') % {share} < {later}"
        for part, condition in (("first", f"NOT ({chosen})"), ("later", chosen)):
            duckdb.execute(
                f"COPY (SELECT * {told} WHERE {condition}) "
                f"TO '{folder / source}_{part}.parquet' (FORMAT parquet)"
            )


def tables(folder: Path, part: str) -> list[Table]:
    """The sources of a part as tables to be linked."""
    names = {name: name for name in KINDS}
    return [
        Table(f"read_parquet('{folder / source}{part}.parquet')", source, "record", names)
        for source in SOURCES
    ]


def take_step(step: str, folder: Path) -> None:
    """Link what comes first, add what comes later, or link all by the model of the first."""
    model = None
    if step == "anew":
        with duckdb.connect(str(folder / STANDING), read_only=True) as standing:
            model = read_model(standing)
    with duckdb.connect(str(folder / (ANEW if step == "anew" else STANDING))) as connection:
        part = {"stand": "_first", "add": "_later", "anew": ""}[step]
        link(connection, FIELDS, tables(folder, part), model=model)


def _differing(folder: Path) -> dict[str, int]:
    """How many records are in another cluster, and pairs judged otherwise, than all at once."""
    connection = duckdb.connect()
    for name, path in (("standing", STANDING), ("anew", ANEW)):
        connection.execute(f"ATTACH '{folder / path}' AS {name} (READ_ONLY)")
    clusters = (
        "SELECT one.record, first.record FROM {0}.clusters AS c JOIN {0}.records AS one USING (n) "
        "JOIN {0}.records AS first ON first.n = c.cluster"
    )
    pairs = (
        "SELECT a.record, b.record, told, relation, bits_milli FROM {0}.judged JOIN {0}.records AS "
        "a ON a.n = l JOIN {0}.records AS b ON b.n = r"
    )
    found = {}
    for what, query in (("clusters", clusters), ("pairs", pairs)):
        one, other = query.format("standing"), query.format("anew")
        ((count,),) = connection.execute(
            f"SELECT count(*) FROM (({one} EXCEPT {other}) UNION ALL ({other} EXCEPT {one}))"
        ).fetchall()
        found[what] = count
    return found


def _report(folder: Path, options: argparse.Namespace, costs: dict[str, Cost]) -> None:
    differing = _differing(folder)
    ((later,),) = duckdb.execute(
        f"SELECT count(*) FROM read_parquet('{folder}/*_later.parquet')"
    ).fetchall()
    ratio = costs["add"].cpu_s / costs["anew"].cpu_s
    lines = [
        f"{options.records:,} records, of which {later:,} came later.",
        *(
            f"{step}: {cost.cpu_s:.1f} s of processor time, {cost.wall_s:.1f} s, "
            f"peak {cost.peak_gb * 1024:,.0f} MB"
            for step, cost in costs.items()
        ),
        f"Adding to linking anew: {ratio:.3f} of the processor time (goal {GOAL}).",
        f"Records in another cluster: {differing['clusters']}; pairs judged otherwise: "
        f"{differing['pairs']}.",
    ]
    taken = {step: {"cpu_s": cost.cpu_s, "wall_s": cost.wall_s} for step, cost in costs.items()}
    figures = {"records": options.records, "later": later, "ratio": ratio, "differing": differing}
    show("linkage increment", lines, {**figures, "seed": options.seed, "taken": taken})


if __name__ == "__main__":
    raise SystemExit(main())
