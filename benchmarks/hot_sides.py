"""One part of what is measured of the hot store, as a process that imports no more than it needs.

`python -m benchmarks.hot_sides PART --lake FOLDER --store FOLDER [--out FILE]`: the store is made,
or brought up to date, in any case.
"""

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.merchant_features import DAYS, FEATURES
from tradeline.creditfile.features.hot.answers import write_stored
from tradeline.creditfile.features.hot.daily import stand, standing_of
from tradeline.creditfile.features.hot.store import HotStore, open_store
from tradeline.lake.store import open_lake

STORE, KERNEL = "making the store", "kernel"
UPDATE, ALL_AGAIN = "update", "all again by the kernel"
END = datetime(2023, 1, 1) + timedelta(days=DAYS)  # noqa: DTZ001
NEXT = END + timedelta(days=1)
THREADS = 2


def _nothing(_store: HotStore, _lake: Path, _out: Path) -> None:
    """The store is all."""


def _kernel(store: HotStore, lake: Path, out: Path) -> None:
    write_stored(store, lake.parent / "applications.parquet", out, FEATURES, THREADS)


def _update(store: HotStore, _lake: Path, out: Path) -> None:
    np.save(out, stand(store, NEXT, FEATURES, THREADS).values)


def _all_again(store: HotStore, _lake: Path, out: Path) -> None:
    np.save(out, standing_of(store, NEXT, FEATURES, THREADS).values)


PARTS: dict[str, Callable[[HotStore, Path, Path], None]] = {
    STORE: _nothing,
    KERNEL: _kernel,
    UPDATE: _update,
    ALL_AGAIN: _all_again,
}


def main() -> None:
    """Run one part once."""
    parser = argparse.ArgumentParser(prog="benchmarks.hot_sides", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("unused"))
    options = parser.parse_args()
    store = open_store(options.store, open_lake(options.lake), FEATURES)
    PARTS[options.part](store, options.lake, options.out)


if __name__ == "__main__":
    main()
