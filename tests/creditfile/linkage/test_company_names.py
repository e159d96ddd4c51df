"""Names are read in one pass as one by one, and words that many names have are no brand."""

import numpy as np

from tradeline.creditfile.linkage.company_names import common_words, part_columns, read_names
from tradeline.creditfile.linkage.names import name_columns
from tradeline.world.registers import draw_registers

HARD = ["", "Hong Kong Textiles Ltd", "GmbH", "Cedar", "杭州华达2纺织有限公司", "Müller & Co. KG",
        "3M Company", "The Cedar Trading Co., Ltd.", "Cedar Tradnig L.L.C."]  # fmt: skip


def test_names_read_together_are_read_as_one_by_one() -> None:
    drawn = [name or "" for name in draw_registers(1_500, seed=6).columns["name"]]
    together, alone = read_names([*HARD, *drawn]), name_columns([*HARD, *drawn])
    for part in ("trades", "form", "place", "number", "branch", "sound"):
        same = getattr(together, part) == getattr(alone, part)
        # A first word is not mended to a word of the lexicon, so a few names differ.
        assert np.mean(same) > 0.99, part
        assert same[: len(HARD)].all(), part


def test_common_words_go_to_the_trade() -> None:
    names = read_names([f"Brand{chr(97 + n % 26)}{chr(97 + n // 26)} Mach Ltd" for n in range(60)])
    generic = common_words(names)
    assert generic == ("mach",)
    parts = part_columns(names, generic)
    assert parts["brand"][0] == parts["sound"][0] == "brandaa"
    assert parts["trade"][0] == "mach"


def test_a_digit_within_a_chinese_brand_is_its_number() -> None:
    parts = part_columns(read_names(["杭州华达2纺织有限公司", "杭州华达纺织有限公司"]), ())
    assert parts["number"].tolist() == ["2", None]
    assert parts["brand"][0] == parts["brand"][1] == "华达"
    assert parts["sound"][0] == parts["sound"][1] == "huada"
