"""Names taken apart by the column: processor time for a million names, Latin and Chinese.

There is no peer that takes names apart; the goal is a share of what linking a million records may
take. Latin brands are of four syllables, Chinese ones of three signs, drawn at random, a third as
many as names, so that words repeat as seldom as in a register; a name stands twice in the mean.

`python -m benchmarks.names [--names N] [--runs N]`
"""

import argparse
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from benchmarks.measure import cpu_seconds, show
from tradeline.creditfile.linkage.names import name_columns

GOAL_S = 5.0
SEED = 12
SYLLABLES = (
    "ba bel cor da del fa gor hel ka ker la lin mar mor na nor pa pol ra ros sa sol ta tor va zan"
)
SIGNS = "华信金鑫瑞丰宏达永盛嘉和天成百川新远东方明德泰安康宁海洋星辰龙凤祥云福春夏秋冬山水风雷"
LATIN = (
    ("", "", "", "Shenzhen", "Berlin", "India"),
    ("Trading", "Logistics", "Technology", "Foods", "Trdg", "Machinery", "Consulting", ""),
    ("Ltd", "Co., Ltd.", "GmbH", "Limited", "Inc.", "B.V.", "S.p.A.", "Pvt. Ltd.", ""),
)
CHINESE = (
    ("深圳市", "上海", "", "广东省东莞市", "义乌市"),
    ("贸易", "物流", "科技", "餐饮管理", "食品", "电子科技", "国际贸易", ""),
    ("有限公司", "有限责任公司", "股份有限公司", "商行", ""),
)


def main(words: Sequence[str] | None = None) -> int:
    """Take both columns apart, several times; medians count."""
    parser = argparse.ArgumentParser(prog="benchmarks.names", description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000, help="of each script (1000000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (3)")
    options = parser.parse_args(words)
    name_columns(["Zanros Ltd", "华信"])  # The lexicon and the libraries are loaded once.
    for script, make in (("Latin", latin_names), ("Chinese", chinese_names)):
        measure(script, make, options.names, options.runs)
    return 0


def measure(
    script: str, make: Callable[[np.random.Generator, int], list[str]], number: int, runs: int
) -> None:
    """One script, several times."""
    names = make(np.random.default_rng(SEED), number)
    taken = []
    for _ in range(runs):
        seconds, columns = cpu_seconds(lambda: name_columns(names))
        taken.append(seconds)
    distinct = len(set(names))
    show(
        f"names: {script}",
        [
            f"{number:,} names, {distinct:,} distinct, {len(set(columns.sound)):,} brands.",
            f"{median(taken):.2f} s of processor time, median of {runs} runs, "
            f"{median(taken) / distinct * 1e6:.1f} millionths for each distinct name "
            f"(goal for a million Latin names {GOAL_S:.0f} s).",
        ],
        {"script": script, "names": number, "distinct": distinct, "cpu_s": median(taken)},
    )


def latin_names(rng: np.random.Generator, number: int) -> list[str]:
    """Names such as `Shenzhen Kerlintamor Trading Co., Ltd.`."""
    parts = rng.choice(np.array(SYLLABLES.split()), (number // 3 + 1, 4)).tolist()
    brands = ["".join(syllables).title() for syllables in parts]
    return _names(rng, number, brands, LATIN, " ")


def chinese_names(rng: np.random.Generator, number: int) -> list[str]:
    """Names such as `深圳市华信贸易有限公司`."""
    brands = ["".join(s) for s in rng.choice(np.array(list(SIGNS)), (number // 3 + 1, 3)).tolist()]
    return _names(rng, number, brands, CHINESE, "")


def _names(
    rng: np.random.Generator,
    number: int,
    brands: list[str],
    words: tuple[tuple[str, ...], ...],
    between: str,
) -> list[str]:
    """Names of brands and words at random, each twice in the mean."""
    rows = rng.integers(0, number // 2 + 1, number)
    firm = np.random.default_rng(SEED + 1)
    which = [firm.integers(0, len(each), number // 2 + 1) for each in (brands, *words)]
    made = [
        between.join(part for part in (words[0][p], brands[b], words[1][t], words[2][f]) if part)
        for b, p, t, f in zip(*(column.tolist() for column in which), strict=True)
    ]
    return [made[row] for row in rows.tolist()]


if __name__ == "__main__":
    raise SystemExit(main())
