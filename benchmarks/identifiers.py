"""Identifiers checked by the column, beside python-stdnum one by one: processor time, verdicts.

Goal D11: at least 20 times as many USCC in the same processor time, with the same verdicts. Half of
the numbers are valid; of the others some have a wrong sign or two signs exchanged, are too short,
or are words. Some are in small letters, some written in groups. Both sides get the same list.

`python -m benchmarks.identifiers [--numbers N] [--runs N]`
"""

import argparse
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from stdnum import lei
from stdnum.cn import uscc
from stdnum.de import vat
from stdnum.iso7064 import mod_11_10, mod_97_10

from benchmarks.measure import cpu_seconds, show
from tradeline.creditfile.linkage.identifiers import check

GOAL = 20
SEED = 11
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def main(words: Sequence[str] | None = None) -> int:
    """Check each kind by both sides in turn; medians count."""
    parser = argparse.ArgumentParser(prog="benchmarks.identifiers", description=__doc__)
    parser.add_argument("--numbers", type=int, default=1_000_000, help="of each kind (1000000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side (3)")
    options = parser.parse_args(words)
    for kind, (make, peer) in KINDS.items():
        measure(kind, make, peer, options.numbers, options.runs)
    return 0


def measure(
    kind: str,
    make: Callable[[np.random.Generator, int], list[str]],
    peer: Callable[[str], bool],
    number: int,
    runs: int,
) -> None:
    """Both sides on the same numbers, in turn."""
    rng = np.random.default_rng(SEED)
    values = spoiled(make(rng, number), rng)
    ours, theirs = [], []
    for _ in range(runs):
        taken, checked = cpu_seconds(lambda: check(kind, values))
        ours.append(taken)
        taken, verdicts = cpu_seconds(lambda: [peer(value) for value in values])
        theirs.append(taken)
    differing = int((checked.valid != np.array(verdicts)).sum())
    ratio = median(theirs) / median(ours)
    show(
        f"identifiers: {kind}",
        [
            f"{len(values):,} numbers, {int(checked.valid.sum()):,} valid; medians of {runs} runs.",
            f"By the column {median(ours):.2f} s of processor time, one by one by python-stdnum "
            f"{median(theirs):.2f} s: {ratio:.0f} times as many in the same time (goal {GOAL}).",
            f"Verdicts that differ: {differing}.",
        ],
        {
            "kind": kind,
            "numbers": len(values),
            "valid": int(checked.valid.sum()),
            "cpu_s": {"ours": median(ours), "peer": median(theirs)},
            "ratio": ratio,
            "differing": differing,
        },
    )


def spoiled(numbers: list[str], rng: np.random.Generator) -> list[str]:
    """The numbers as they come: half of them mistyped, some in small letters or in groups."""
    ways = rng.integers(0, 16, len(numbers)).tolist()
    places = rng.integers(0, len(numbers[0]) - 1, len(numbers)).tolist()
    return [
        _spoiled(number, way, place)
        for number, way, place in zip(numbers, ways, places, strict=True)
    ]


def _spoiled(number: str, way: int, place: int) -> str:
    if way < 3:
        return number[:place] + ("7" if number[place] != "7" else "3") + number[place + 1 :]
    if way < 6:
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if way < 7:
        return number[:-1]
    if way < 8:
        return "not known"
    if way < 9:
        return number.lower()
    if way < 10:
        return f"{number[:4]} {number[4:-4]}-{number[-4:]}"
    return number


def _texts(rng: np.random.Generator, signs: str, number: int, length: int) -> list[str]:
    drawn = rng.choice(np.array(list(signs)), (number, length))
    texts: list[str] = drawn.view(f"U{length}").ravel().tolist()
    return texts


def credit_identifiers(rng: np.random.Generator, number: int) -> list[str]:
    """Valid USCC: eight digits, nine signs, and the check sign."""
    heads = _texts(rng, "0123456789", number, 8)
    bodies = _texts(rng, uscc._alphabet, number, 9)
    return [h + b + uscc.calc_check_digit(h + b) for h, b in zip(heads, bodies, strict=True)]


def entity_identifiers(rng: np.random.Generator, number: int) -> list[str]:
    """Valid LEI: eighteen signs and two check digits."""
    bodies = _texts(rng, "0123456789" + LETTERS, number, 18)
    return [body + mod_97_10.calc_check_digits(body) for body in bodies]


def vat_numbers(rng: np.random.Generator, number: int) -> list[str]:
    """Valid VAT numbers of Germany, the country before them."""
    bodies = rng.integers(10_000_000, 100_000_000, number).astype(str).tolist()
    return [f"DE{body}{mod_11_10.calc_check_digit(body)}" for body in bodies]


KINDS = {
    "cn.uscc": (credit_identifiers, uscc.is_valid),
    "lei": (entity_identifiers, lei.is_valid),
    "de.vat": (vat_numbers, vat.is_valid),
}


if __name__ == "__main__":
    raise SystemExit(main())
