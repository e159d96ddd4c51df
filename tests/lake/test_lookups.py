"""What another file says of a row is found, amounts are parted to the cent, and gaps are said."""

import re
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.shops import LINES_CSV, ORDERS, PAYMENTS, counts, read, refusals, rows
from tradeline.kernel.findings import InputProblem
from tradeline.lake.landing import land
from tradeline.lake.mapping import read_mapping

LOOKUP = PAYMENTS["lookup"]
PAID = "SELECT enterprise, payment_no, amount_minor FROM payments ORDER BY source_row, enterprise"


def looking_up(**changes: object) -> dict[str, object]:
    part = {key: value for key, value in (LOOKUP | changes).items() if value is not None}
    return PAYMENTS | {"lookup": part}


def test_a_payment_is_parted_among_the_sellers_of_its_order(tmp_path: Path) -> None:
    landing = read(tmp_path, PAYMENTS)
    assert rows(landing, PAID) == [("S1", "1", 750), ("S2", "1", 2000), ("S1", "2", 101)]
    assert counts(landing) == [(2, 0, 3, 3, 0)]
    query = "SELECT day(occurred_at), recorded_at = occurred_at FROM payments ORDER BY source_row"
    assert rows(landing, f"{query}, enterprise") == [(5, True), (6, True), (8, True)]


def test_what_is_left_over_goes_to_the_largest_remainders(tmp_path: Path) -> None:
    lines = "seller,order,sku,pieces,price,day\n" + "".join(
        f"{seller},1,a,1,{price},2024-01-05\n" for seller, price in (("C", 1), ("A", 1), ("B", 2))
    )
    landing = read(
        tmp_path, PAYMENTS, lines=lines, payments="no,order,paid\n3,1,0.03\n5,1,0.05\n2,1,0.02"
    )
    assert rows(landing, PAID) == [
        ("A", "3", 1), ("B", "3", 1), ("C", "3", 1),
        ("A", "5", 1), ("B", "5", 3), ("C", "5", 1),
        ("A", "2", 1), ("B", "2", 1), ("C", "2", 0),
    ]  # fmt: skip


def test_a_row_that_finds_nothing_is_refused(tmp_path: Path) -> None:
    payments = "no,order,paid\n1,9,5\n2,,5\n3,1,many\n"
    landing = read(tmp_path, PAYMENTS, payments=payments)
    assert refusals(landing) == [
        (2, "not-found", "No row of lines.csv has order 9."),
        (3, "not-found", "No row of lines.csv has order (empty)."),
        (4, "bad-value", "The amount many is not an amount."),
        (4, "bad-value", "The amount many is not an amount."),
    ]
    assert counts(landing) == [(3, 0, 4, 0, 4)]
    (content,) = rows(landing, "SELECT content FROM refused WHERE file_row = 2")
    assert content == ("{no=1, order=9, paid=5}",)


@pytest.mark.parametrize("prices", [("0", "0"), ("5", "-1"), ("5", "many"), ("5", "")])
def test_an_amount_that_nothing_says_how_to_part_is_refused(
    tmp_path: Path, prices: tuple[str, str]
) -> None:
    lines = "seller,order,sku,pieces,price,day\n" + "".join(
        f"S{number},1,a,1,{price},2024-01-05\n" for number, price in enumerate(prices)
    )
    landing = read(tmp_path, PAYMENTS, lines=lines, payments="no,order,paid\n1,1,5")
    words = (
        "The rows of lines.csv do not say how to part the amount: their values are missing, "
        "negative or nothing."
    )
    assert refusals(landing) == [(2, "not-parted", words)] * 2


def test_one_line_without_a_value_leaves_an_order_unparted(tmp_path: Path) -> None:
    lines = f"{LINES_CSV}S2,1,b,?,10.00,2024-01-06\n"
    landing = read(tmp_path, PAYMENTS, lines=lines)
    assert [code for _, code, _ in refusals(landing)] == ["not-parted", "not-parted"]
    assert rows(landing, PAID) == [("S1", "2", 101)]


@pytest.mark.parametrize("price", ["0", "-1", "many"])
def test_the_only_seller_of_an_order_has_all_whatever_the_lines_say(
    tmp_path: Path, price: str
) -> None:
    lines = f"seller,order,sku,pieces,price,day\nS1,1,a,1,{price},2024-01-05"
    landing = read(tmp_path, PAYMENTS, lines=lines, payments="no,order,paid\n1,1,0.05")
    assert rows(landing, PAID) == [("S1", "1", 5)]


def test_of_several_rows_the_first_counts(tmp_path: Path) -> None:
    landing = read(tmp_path, looking_up(each=None, split=None))
    assert rows(landing, PAID) == [("S1", "1", 2750), ("S1", "2", 101)]
    assert rows(landing, "SELECT day(occurred_at) FROM payments ORDER BY ALL") == [(5,), (8,)]


def test_an_optional_lookup_leaves_gaps_that_values_may_fill(tmp_path: Path) -> None:
    source = ORDERS | {
        "constants": {},
        "lookup": {
            "file": "payments.csv",
            "match": {"order": "order"},
            "columns": {"status": "state"},
            "optional": True,
        },
        "values": {"status": {"": "placed", "gone": "cancelled"}},
    }
    landing = read(tmp_path, source, payments="order,state\n2,gone\n")
    query = "SELECT order_no, enterprise, status FROM orders ORDER BY ALL"
    assert rows(landing, query) == [
        ("1", "S1", "placed"),
        ("1", "S2", "placed"),
        ("2", "S1", "cancelled"),
    ]


def test_rows_can_be_found_by_several_columns(tmp_path: Path) -> None:
    source = looking_up(match={"order": "order", "who": "seller"}, each=None, split=None)
    payments = "no,order,paid,who\n1,1,5,S2\n2,2,5,S2"
    landing = read(tmp_path, source, payments=payments)
    assert rows(landing, PAID) == [("S2", "1", 500)]
    assert refusals(landing) == [(3, "not-found", "No row of lines.csv has order 2 and seller S2.")]


def test_a_broken_row_is_not_looked_up_and_said(tmp_path: Path) -> None:
    landing = read(tmp_path, PAYMENTS, lines=f"{LINES_CSV}S9,2\n")
    assert rows(landing, PAID)[-1] == ("S1", "2", 101)
    (finding,) = (each for each in landing.findings if each.code == "broken-lookup")
    assert finding.line().startswith(
        "error: lines.csv: 1 row cannot be split into columns, so nothing is found there for "
        "payments.csv."
    )


def test_a_file_or_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    sources = [looking_up(file="gone.csv"), looking_up(each="shop", match={"order": "order_id"})]
    with pytest.raises(InputProblem) as refusal:
        read(tmp_path, *sources)
    assert [(each.where, each.code) for each in refusal.value.findings] == [
        ("gone.csv", "missing-file"),
        ("lines.csv", "missing-column"),
        ("lines.csv", "missing-column"),
    ]
    assert "The mapping needs the column 'order_id', the file has 'seller'," in str(refusal.value)


def test_the_shop_of_the_guide_is_read_as_it_says(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "guides" / "mapping.md"
    block = re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)[1]
    (tmp_path / "lines.csv").write_text(
        "seller,buyer,order,sku,pieces,price,state,time\n"
        "S1,B,1,a,1,10.00,sold,2024-07-05 12:00\n"
        "S2,B,1,b,2,10.00,sold,2024-07-05 12:00\n"
        "S2,B,1,c,9,10.00,offered,2024-07-05 12:00\n",
        encoding="utf-8",
    )
    payments = "no,order,paid,time\n1,1,10.00,2024-07-06\n"
    (tmp_path / "payments.csv").write_text(payments, encoding="utf-8")
    (tmp_path / "tradeline.yaml").write_text(block, encoding="utf-8")
    mapping = read_mapping(tmp_path / "tradeline.yaml")
    landing = land(duckdb.connect(), tmp_path, mapping, lambda _: None)
    assert counts(landing) == [(3, 1, 2, 2, 0), (3, 1, 2, 2, 0), (1, 0, 2, 2, 0)]
    assert rows(landing, PAID) == [("S1", "1", 333), ("S2", "1", 667)]
    query = "SELECT enterprise, gross_minor, hour(occurred_at) FROM orders ORDER BY ALL"
    assert rows(landing, query) == [("S1", 1000, 10), ("S2", 2000, 10)]


def parted(amount: int, weights: dict[str, int]) -> dict[str, int]:
    """Largest remainder, plainly: the oracle."""
    if len(weights) == 1:
        return dict.fromkeys(weights, amount)
    shares = {name: Fraction(amount * w, sum(weights.values())) for name, w in weights.items()}
    whole = {name: int(share) for name, share in shares.items()}
    order = sorted(shares, key=lambda name: (whole[name] - shares[name], name))
    for name in order[: amount - sum(whole.values())]:
        whole[name] += 1
    return whole


lines_ = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from("12"), st.integers(1, 5000)), max_size=9
)
paid_ = st.lists(st.tuples(st.sampled_from("12"), st.integers(0, 99_999)), max_size=5)


@settings(max_examples=25, deadline=None)
@given(lines_, paid_)
def test_parts_are_those_of_the_largest_remainder_and_add_up(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[str, str, int]],
    paid: list[tuple[str, int]],
) -> None:
    header = "seller,order,sku,pieces,price,day"
    written = [f"{s},{o},x,1,{price / 100:.2f},2024-01-05" for s, o, price in lines]
    payments = [f"{no},{o},{amount / 100:.2f}" for no, (o, amount) in enumerate(paid)]
    landing = read(
        tmp_path_factory.mktemp("shop"),
        PAYMENTS,
        lines="\n".join([header, *written]),
        payments="\n".join(["no,order,paid", *payments]),
    )
    weights: dict[str, dict[str, int]] = {}
    for seller, order, price in lines:
        of_order = weights.setdefault(order, {})
        of_order[seller] = of_order.get(seller, 0) + price
    expected = {
        (str(no), seller): part
        for no, (order, amount) in enumerate(paid)
        if order in weights
        for seller, part in parted(amount, weights[order]).items()
    }
    found = {(no, seller): part for seller, no, part in rows(landing, PAID)}
    assert found == expected
    assert sum(expected.values()) == sum(amount for order, amount in paid if order in weights)
    assert landing.counts[0].refused == sum(order not in weights for order, _ in paid)
