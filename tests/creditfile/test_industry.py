"""A firm's industry: stated, or told by its name, or honestly not known."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.creditfile.industry import (
    INDUSTRIES,
    OTHER,
    Industry,
    industry_of,
    searchable,
    trade_words,
)


def read(name: str) -> str:
    return industry_of(name, None).name


@pytest.mark.parametrize(
    ("name", "industry"),
    [
        ("宁波华达农业有限公司", "agriculture"),
        ("***建筑工程有限公司", "construction"),
        ("成都恒兴培训学校", "education"),
        ("青岛瑞通环保科技有限公司", "energy and environment"),
        ("苏州金茂机械设备有限公司", "engineering and manufacturing"),
        ("厦门永隆食品有限公司", "food and beverage"),
        ("德顺大药房", "health"),
        ("泰和餐饮管理有限公司", "hospitality and tourism"),
        ("丰美软件有限公司", "information technology"),
        ("盛诚律师事务所", "legal and business services"),
        ("义乌万通国际货运代理有限公司", "logistics"),
        ("佛山嘉联文化传播有限公司", "media and culture"),
        ("新昌美发店", "personal services"),
        ("东源房地产开发有限公司", "property"),
        ("深圳鑫利商贸有限公司", "retail and wholesale"),
        ("杭州宏信针织有限公司", "textiles"),
        ("Belcora Agro S.r.l.", "agriculture"),
        ("NORPOLUS BUILDING MATERIALS CO., LTD.", "retail and wholesale"),
        ("Marwina Textiles GmbH", "textiles"),
        ("Ferzan Hôtelière SARL", "hospitality and tourism"),
        ("Ｔｏｒｖｅｒ Ｌｏｇｉｓｔｉｃｓ Ltd.", "logistics"),
    ],
)
def test_a_name_tells_its_trade(name: str, industry: str) -> None:
    assert industry_of(name, None) == Industry(industry, "name")


@pytest.mark.parametrize(
    ("short", "its_industry", "long", "industry"),
    [
        ("电子", "engineering and manufacturing", "电子商务", "retail and wholesale"),
        ("机械", "engineering and manufacturing", "机械租赁", "legal and business services"),
        ("工程", "construction", "网络工程", "information technology"),
        ("电力", "energy and environment", "电力设备", "engineering and manufacturing"),
        ("Engineers", "engineering and manufacturing", "Water Treatment Engineers",
         "energy and environment"),
    ],
)  # fmt: skip
def test_a_longer_word_wins(short: str, its_industry: str, long: str, industry: str) -> None:
    assert read(f"华通 {short} 有限公司") == its_industry
    assert read(f"华通 {long} 有限公司") == industry


@pytest.mark.parametrize(
    ("name", "industry"),
    [
        ("瑞兴食品贸易有限公司", "food and beverage"),
        ("嘉顺建筑科技有限公司", "construction"),
        ("德茂建筑劳务有限公司", "construction"),
        ("茂昌科技有限公司", "information technology"),
    ],
)
def test_between_words_of_one_length_the_narrower_trade_wins(name: str, industry: str) -> None:
    assert read(name) == industry


@pytest.mark.parametrize("name", ["个体经营E7", "***", "", "Zanros & Figli S.p.A.", "宏泰有限公司"])
def test_a_name_without_a_trade_tells_nothing(name: str) -> None:
    assert industry_of(name, None) == Industry(OTHER, "unknown")


@pytest.mark.parametrize(
    "name", ["Barcelona Ltd.", "Innova Inc.", "Teamwork LLC", "Lawrence & Co."]
)
def test_a_latin_word_within_another_does_not_count(name: str) -> None:
    assert read(name) == OTHER


def test_what_the_folder_states_comes_before_the_name() -> None:
    assert industry_of("鑫利商贸有限公司", " apparel  making ") == Industry(
        "apparel making", "stated"
    )


@pytest.mark.parametrize("stated", [None, "", "  "])
def test_an_empty_statement_says_nothing(stated: str | None) -> None:
    assert industry_of("鑫利商贸有限公司", stated) == Industry("retail and wholesale", "name")


def test_the_words_tell_every_industry_and_no_other() -> None:
    assert {industry for _, industry in trade_words()} == set(INDUSTRIES) - {OTHER}


def test_no_word_stands_twice() -> None:
    counts = Counter(word.strip() for word, _ in trade_words())
    assert [word for word, count in counts.items() if count > 1] == []


def test_every_word_alone_tells_its_own_industry() -> None:
    wrong = [(word, industry) for word, industry in trade_words() if read(word) != industry]
    assert wrong == []


@given(st.text())
def test_any_text_has_an_industry(name: str) -> None:
    assert read(name) in INDUSTRIES


@given(st.text(max_size=12))
def test_what_is_searched_has_one_blank_around_each_word(name: str) -> None:
    text = searchable(name)
    assert text == searchable(text)
    assert text.startswith(" ")
    assert text.endswith(" ")
