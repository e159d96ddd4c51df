"""A digit within a brand is the number of the firm, and words that are no brand are its trade."""

from tradeline.creditfile.linkage.company_names import part_columns
from tradeline.creditfile.linkage.names import name_columns


def test_a_digit_within_a_chinese_brand_is_its_number() -> None:
    parts = part_columns(name_columns(["杭州华达2纺织有限公司", "杭州华达纺织有限公司"]), ())
    assert parts["number"].tolist() == ["2", None]
    assert parts["brand"][0] == parts["brand"][1] == "华达"
    assert parts["sound"][0] == parts["sound"][1] == "huada"


def test_a_generic_word_goes_to_the_trade_and_the_first_word_stays_the_brand() -> None:
    parts = part_columns(name_columns(["Zanros Mach Ltd", "Mach Zanros Ltd"]), ("mach",))
    assert parts["brand"].tolist() == ["zanros", "machzanros"]
    assert parts["trade"].tolist() == ["mach", None]
