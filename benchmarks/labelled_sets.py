"""Every labelled set by one command: figures beside published ones, suspects, false flags.

Each set is trained as `tradeline model train` does it, with nothing but its target stated, and
judged on rows that the model did not see, each in folds as whole enterprises. Beside it stands what
a glass box and LightGBM reach on the same rows (of more than 3,000 rows on one fold). With --peer
OptBinning with a logistic regression is judged on the very rows and folds of the scorecard.
Published figures stand in each set's SOURCE.md with their origin and protocol; the sets are not
part of this repository.

`python -m benchmarks.labelled_sets [--sets NAME ...] [--peer] [--markdown]`
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import duckdb

from benchmarks.labelled_peer import peer_on
from tests.data import data_folder
from tradeline.cli.main import main as tradeline
from tradeline.creditfile.features.catalogue import FEATURES
from tradeline.risk.modelling.ceilings import NAMES
from tradeline.risk.modelling.model import Ceiling, Measured, Model, Overrides
from tradeline.risk.modelling.study import TrainRequest
from tradeline.risk.modelling.train import train

MAPPING = Path(__file__).parents[1] / "examples" / "sme_invoices" / "tradeline.yaml"
LATE = ("Charged Off", "Late (31-120 days)", "Late (16-30 days)", "In Grace Period")
OTHERS_OF_SBA = ("City", "Bank", "BankState", "NAICS", "NewExist", "FranchiseCode", "Recession")


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A table with outcomes; `leaks` are the columns that its source says to be known too late."""

    name: str
    folder: str
    file: str
    target: str
    published: str
    leaks: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


DECLARED = tuple(feature.name for feature in FEATURES if feature.possible_consequence)
SBA_LEAKS = ("Term", "daysterm", "xx", "ChgOffDate", "ChgOffPrinGr", "MIS_Status", "Recession",
             "RealEstate")  # fmt: skip
SBA = ("sba_case_train", "sba_case_selected1.csv.gz", "Default")
SETS = (
    LabelledSet("german_credit", "german_credit", "germancredit.csv.gz", "creditability",
                "0.78 to 0.80"),
    LabelledSet("sba_case", *SBA, "none without its 13 columns", SBA_LEAKS),
    LabelledSet("sba_case, the 13 published columns", *SBA,
                "logistic 0.830, boosted 0.848 (other half)", SBA_LEAKS, (), ("RealEstate",),
                OTHERS_OF_SBA),
    LabelledSet("lending_club 2016", "lending_club_samples", "lending_club.parquet", "Class",
                "0.731 ± 0.017"),
    LabelledSet("lending_club 2018, any arrears", "lending_club_samples",
                "loans_full_schema.parquet", "loan_status", "none",
                ("balance", "paid_total", "paid_principal", "paid_interest", "paid_late_fees"),
                LATE),
    LabelledSet("taiwan_default", "taiwan_default", "uci_credit_card.parquet",
                "default.payment.next.month", "logistic 0.723, boosted 0.783"),
    LabelledSet("polish_bankruptcy_1year", "polish_bankruptcy_1year", "polish_1year.parquet",
                "class", "logistic 0.889, boosted 0.951"),
    LabelledSet("sme_invoices", "sme_invoices", "", "default", "none", DECLARED),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What training on a set gave."""

    name: str
    rows: int
    defaults: int
    figures: dict[str, Measured]
    ceilings: tuple[Ceiling, ...]
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    missed: tuple[str, ...]
    false_strong: tuple[str, ...]
    false_weak: tuple[str, ...]
    published: str
    cpu_s: float
    peer: tuple[Measured, Measured] | None = None


def look_at(labelled: LabelledSet, path: Path, *, with_peer: bool = False) -> Found:
    """Train on one set, and set its suspects against what its source says."""
    start = process_time()
    request = TrainRequest(
        path,
        labelled.target,
        labelled.bad,
        overrides=Overrides(labelled.keep, labelled.drop),
    )
    trained = train(request)
    found = _found(labelled, trained.model, process_time() - start)
    return replace(found, peer=peer_on(request, trained.judged)) if with_peer else found


def _found(labelled: LabelledSet, model: Model, cpu_s: float) -> Found:
    strong = tuple(s.column for s in model.suspects if s.strong)
    weak = tuple(s.column for s in model.suspects if not s.strong)
    seen = {*model.names, *(part.column for part in model.left_out)}
    return Found(
        labelled.name,
        model.learned.rows,
        model.learned.defaults,
        {figure.name: figure for figure in model.figures},
        model.ceiling,
        strong,
        weak,
        tuple(name for name in labelled.leaks if name in seen and name not in strong + weak),
        tuple(name for name in strong if name not in labelled.leaks),
        tuple(name for name in weak if name not in labelled.leaks),
        labelled.published,
        round(cpu_s, 1),
    )


def file_of(labelled: LabelledSet, folder: Path) -> Path:
    """The file of a set; that of the invoices is made of features as of the last day."""
    source = data_folder(labelled.folder)
    if labelled.file:
        return source / labelled.file
    made, table = folder / "features.parquet", folder / "sme_invoices.parquet"
    options = ["--mapping", str(MAPPING), "--as-of", "2020-02-29", "--out", str(made)]
    tradeline(["features", str(source), *options])
    duckdb.execute(
        f"COPY (SELECT f.*, l.default FROM read_parquet('{made}') f "
        f"JOIN read_csv('{source / 'labelled_enterprises.csv'}') l USING (enterprise) "
        f"ORDER BY enterprise) TO '{table}' (FORMAT parquet)"
    )
    return table


def table_of(found: Sequence[Found]) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| set | rows, defaults | scorecard AUC | KS | Brier | less plain, on the same rows | "
        "OptBinning, same folds | published | strong suspects | flags that are false |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        less_plain = [f"{NAMES[c.kind]} {_beside(c.area, c.gain)}" for c in one.ceilings]
        peer = _beside(*one.peer) if one.peer else "not asked"
        false = [*one.false_strong, *(f"{name} (weak)" for name in one.false_weak)]
        lines.append(
            f"| {one.name} | {one.rows:,}, {one.defaults:,} | {_shown(one.figures['AUC'])} | "
            f"{one.figures['KS'].estimate:.3f} | {one.figures['Brier score'].estimate:.3f} | "
            f"{'; '.join(less_plain) or 'not asked'} | {peer} | {one.published} | "
            f"{', '.join(one.strong) or 'none'} | {', '.join(false) or 'none'} |"
        )
    return "\n".join(lines)


def _beside(figure: Measured, gain: Measured | None) -> str:
    """Another model's figure, and what it adds to that of the scorecard on the same rows."""
    return _shown(figure) + (f", {gain.estimate:+.3f}" if gain else "")


def _shown(figure: Measured) -> str:
    return f"{figure.estimate:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on the sets; print a line for each, the table if asked, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", metavar="NAME", help="sets whose names begin so")
    parser.add_argument("--peer", action="store_true", help="OptBinning on the same folds too")
    parser.add_argument("--markdown", action="store_true", help="print the table for the docs")
    options = parser.parse_args(arguments)
    found = []
    with TemporaryDirectory() as folder:
        for labelled in SETS:
            if options.sets and not labelled.name.startswith(tuple(options.sets)):
                continue
            one = look_at(labelled, file_of(labelled, Path(folder)), with_peer=options.peer)
            found.append(one)
            print(
                f"{one.name}: AUC {_shown(one.figures['AUC'])}, published {one.published}; "
                f"left out {', '.join(one.strong) or 'nothing'}; missed "
                f"{', '.join(one.missed) or 'nothing'}; {one.cpu_s} s",
                flush=True,
            )
    false = sum(len(one.false_strong) for one in found), sum(len(one.false_weak) for one in found)
    print(f"false flags over all sets: {false[0]} strong, {false[1]} weak")
    if options.markdown:
        print(table_of(found))
    print(json.dumps({"sets": [asdict(one) for one in found], "false_flags": sum(false)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
