"""Two names held against each other: sister firms show, and slips of the pen do not."""

import csv

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.linkage.test_names import BRANDS, ENDS, FORMS, PLACES, TRADES, made_names
from tests.data import data_folder
from tradeline.creditfile.linkage.lexicon import lexicon
from tradeline.creditfile.linkage.name_comparison import (
    Agreement,
    Likeness,
    NameAgreement,
    compare_parts,
    levels_sql,
    slips,
)
from tradeline.creditfile.linkage.names import name_columns, parts_of

WORDS = (PLACES, BRANDS, TRADES, FORMS, ENDS)
PARTS = ("trade", "form", "place", "number", "branch")


def compared(one: str, other: str) -> NameAgreement:
    return compare_parts(parts_of(one), parts_of(other))


def conflicts(one: str, other: str) -> set[str]:
    found = compared(one, other)
    return {part for part in PARTS if getattr(found, part) is Agreement.CONFLICT}


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("Huaxin Trading Ltd", "Huaxin Logistics Ltd", {"trade"}),
        ("华信贸易有限公司", "华信物流有限公司", {"trade"}),
        ("华信贸易", "Huaxin Logistics Ltd", {"trade"}),
        ("Huaxin Foods Trading Ltd", "Huaxin Foods Logistics Ltd", {"trade"}),
        ("Zanros GmbH", "Zanros B.V.", {"form"}),
        ("Zanros GmbH", "Zanros GmbH & Co. KG", {"form"}),
        ("华信贸易有限公司", "华信贸易股份有限公司", {"form"}),
        ("Huaxin (Thailand) Co., Ltd.", "Huaxin (India) Co., Ltd.", {"place"}),
        ("深圳华信贸易", "上海华信贸易", {"place"}),
        ("Huaxin Trading No. 2 Ltd", "Huaxin Trading No. 3 Ltd", {"number"}),
        ("北京第一机床厂", "北京第二机床厂", {"number"}),
        ("华信贸易有限公司北京分公司", "华信贸易有限公司上海分公司", {"branch"}),
        ("Zanros Holding B.V.", "Zanros Advies B.V.", {"trade"}),
    ],
)
def test_sister_firms_differ_in_a_part_of_its_own(one: str, other: str, parts: set[str]) -> None:
    found = compared(one, other)
    assert found.brand is Likeness.SAME
    assert conflicts(one, other) == parts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Huaxin Trading Ltd", "HUAXIN TRDG. LIMITED"),
        ("Huaxin Trading Ltd", "Huaxin Tradnig"),
        ("Huaxin Trading Ltd", "Trading Huaxin Ltd"),
        ("Huaxin Trading Ltd", "华信贸易有限责任公司"),
        ("Shenzhen Huaxin Trading Co., Ltd.", "深圳市华信贸易有限公司"),
        ("Shenzhen Huaxin Trading Co., Ltd.", "广东省深圳市華信貿易有限公司"),
        ("华信国际贸易有限公司", "华信贸易有限公司"),
        ("广东华信贸易有限公司", "深圳市华信贸易有限公司"),
        ("Bank of Zanros", "Zanros Bank"),
        ("Müller Technology GmbH", "Mueller Technologies G.m.b.H."),
        ("三星电子株式会社", "三星電子"),
        ("Huaxin Co., Ltd.", "华信股份有限公司"),
        ("Tetu C B.V.", "Tetu Nederland C B.V."),
        ("Zanros S.p.A.", "ZANROS SPA (Italia)"),
    ],
)
def test_another_spelling_of_a_firm_conflicts_in_nothing(one: str, other: str) -> None:
    assert compared(one, other).brand >= Likeness.CLOSE
    assert conflicts(one, other) == set()


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Huaxin", "华信", Likeness.SAME),
        ("Feeney, Aufderhar and Kirlin", "Kirlin Feeney & Aufderhar", Likeness.SAME),
        ("Swaniawski Ltd", "Swaniawskx Ltd", Likeness.CLOSE),
        ("Zanros", "Znaros", Likeness.CLOSE),
        ("Anglo Zanros Kelmer", "A.Z.K.", Likeness.INITIALS),
        ("Huaxin Sunrise", "Huaxin", Likeness.CONTAINED),
        ("华信绿植贸易", "华信贸易", Likeness.CONTAINED),
        ("Huaxin", "Ruifeng", Likeness.DIFFERENT),
        ("", "Huaxin", Likeness.DIFFERENT),
        ("Abc", "Abx", Likeness.DIFFERENT),
    ],
)
def test_brands_are_more_or_less_alike(one: str, other: str, likeness: Likeness) -> None:
    assert compared(one, other).brand is likeness


def test_silence_is_no_conflict() -> None:
    found = compared("Zanros", "Zanros Trading GmbH Berlin")
    assert found.trade is found.form is found.place is Agreement.ONE_SILENT
    assert found.number is found.branch is Agreement.BOTH_SILENT


@settings(max_examples=60, deadline=None)
@given(made_names(), made_names())
def test_comparing_is_symmetric_and_a_name_agrees_with_itself(one: str, other: str) -> None:
    assert compared(one, other) == compared(other, one)
    itself = compared(one, one)
    assert not conflicts(one, one)
    assert itself.brand is Likeness.SAME or not parts_of(one).brand


def test_sql_over_columns_says_what_each_pair_says() -> None:
    rng = np.random.default_rng(4)
    names = [" ".join(str(rng.choice(words)) for words in WORDS) for _ in range(80)]
    columns = name_columns(names)
    read = ("trades", "form", "place", "regions", "number", "branch")
    rows = zip(range(len(names)), *(getattr(columns, one).tolist() for one in read), strict=True)
    levels = levels_sql(lexicon())
    selected = ", ".join(f"{levels[part]} AS {part}" for part in PARTS)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE names (n INTEGER, trades UBIGINT, form VARCHAR, place VARCHAR, "
            "regions VARCHAR, number VARCHAR, branch VARCHAR)"
        )
        connection.executemany("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?, ?)", list(rows))
        found = connection.execute(
            f"SELECT l.n, r.n, {selected} FROM names AS l, names AS r"
        ).fetchall()
    parts = [parts_of(name) for name in names]
    seen = {part: set[int]() for part in PARTS}
    for left, right, *level in found:
        expected = compare_parts(parts[left], parts[right])
        assert level == [getattr(expected, part) for part in PARTS]
        for part, one in zip(PARTS, level, strict=True):
            seen[part].add(one)
    assert {part: len(levels) for part, levels in seen.items()} == dict.fromkeys(PARTS, 4)


@settings(deadline=None)
@given(st.text("ab", max_size=7), st.text("abc", max_size=7))
def test_slips_are_those_that_duckdb_counts(one: str, other: str) -> None:
    (counted,) = duckdb.execute("SELECT damerau_levenshtein(?, ?)", [one, other]).fetchone() or (0,)
    assert slips(one, other) >= counted
    assert slips(one, other) == slips(other, one)
    assert (slips(one, other) == 0) is (one == other)


def test_damaged_names_of_a_real_test_set_seldom_conflict_with_their_own() -> None:
    folder = data_folder("company_name_pairs")
    found = {}
    for file in ("dnb_test_names.csv", "dnb_adjusted_test_names.csv"):
        with (folder / file).open(encoding="utf-8") as lines:
            found[file] = {row[""]: row["company_name"] for row in csv.DictReader(lines)}
    true, damaged = found.values()
    pairs = [(name, damaged[row]) for row, name in true.items() if row in damaged]
    assert len(pairs) > 400
    assert sum(bool(conflicts(*pair)) for pair in pairs) / len(pairs) < 0.01
    alike = sum(compared(*pair).brand > Likeness.DIFFERENT for pair in pairs)
    others = [(one, two) for (one, _), (_, two) in zip(pairs, pairs[7:], strict=False)]
    assert alike / len(pairs) > 0.75
    assert sum(compared(*pair).brand > Likeness.DIFFERENT for pair in others) / len(others) < 0.02
