"""Names are read in one pass as one by one, and words that many names have are no brand."""

from collections.abc import Sequence

import duckdb
import numpy as np

from tradeline.creditfile.linkage.company_names import NAME_PARTS, part_columns
from tradeline.creditfile.linkage.name_parts import take_apart
from tradeline.creditfile.linkage.names import name_columns
from tradeline.world.registers import draw_registers

HARD = ["", "Hong Kong Textiles Ltd", "GmbH", "Cedar", "杭州华达2纺织有限公司", "Müller & Co. KG",
        "3M Company", "The Cedar Trading Co., Ltd.", "Cedar Tradnig L.L.C.", "Zanros, Inc.",
        "Zanros,Inc", "ZANROS", "zanros qqxqzq ltd", "Zanros trading as Cedar", "Kerlin " * 99,
        "Zanros 有限公司", "Zanros GmbH, Branch Berlin"]  # fmt: skip


def taken_apart(
    names: Sequence[str], generic: Sequence[str] | None
) -> tuple[dict[str, tuple[str | None, ...]], tuple[str, ...]]:
    """By name its parts, and the generic words."""
    connection = duckdb.connect()
    connection.register("given", {"name": np.array(names, object)})
    connection.execute("CREATE TABLE bases AS FROM given")
    found = take_apart(connection, "name", generic)
    rows = connection.execute("FROM name_parts").fetchall()
    return {name: tuple(parts) for name, *parts in rows}, found


def test_names_read_together_are_read_as_one_by_one() -> None:
    drawn = [name or "" for name in draw_registers(1_500, seed=6).columns["name"]]
    names = list(dict.fromkeys([*HARD, *drawn]))
    together, generic = taken_apart(names, ("mach",))
    alone = part_columns(name_columns(names), generic)
    for place, part in enumerate(NAME_PARTS):
        same = [
            together[name][place] == said
            for name, said in zip(names, alone[part].tolist(), strict=True)
        ]
        # A first word is not mended to a word of the lexicon, so a few names differ.
        assert np.mean(same) > 0.99, part
        assert all(same[: len(HARD)]), part


def test_words_that_many_names_have_go_to_the_trade() -> None:
    names = [f"Brand{chr(97 + n % 26)}{chr(97 + n // 26)} Mach Ltd" for n in range(60)]
    parts, generic = taken_apart([*names, *names], None)
    assert generic == ("mach",)
    brand, sound, trade, *_ = parts[names[0]]
    assert brand == sound == "brandaa"
    assert trade == "mach"


def test_words_that_fewer_names_have_stay_in_the_brand() -> None:
    names = [f"Brand{chr(97 + n)} Mach Ltd" for n in range(19)]
    parts, generic = taken_apart(names, None)
    assert generic == ()
    assert parts[names[0]][:3] == ("brandamach", "brandamach", None)
