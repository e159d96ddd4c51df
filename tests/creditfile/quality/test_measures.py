"""Timeliness, missing months, conflicts, independence and accuracy by small examples."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.creditfile.features.tables import Row
from tests.creditfile.quality.tellings import AS_OF, TERMS, lake, told
from tradeline.creditfile.quality.accuracy import Accuracy, FieldAccuracy
from tradeline.creditfile.quality.completeness import Filled, Rhythm
from tradeline.creditfile.quality.consistency import Conflict, Consistency
from tradeline.creditfile.quality.record import Quality, read_quality
from tradeline.creditfile.quality.rows import CheckedRow, LateRow, rows_behind
from tradeline.creditfile.quality.terms import QualityTerms, origins
from tradeline.kernel.findings import InputProblem
from tradeline.lake.reading import Moment

NOW = Moment(AS_OF, AS_OF)
DAY = 86_400


def order(number: str, days_ago: float, lag_days: float = 0, **more: object) -> Row:
    occurred = AS_OF - timedelta(days=days_ago)
    return {
        "enterprise": "E1", "order_no": number, "counterparty": "A", "gross_minor": 500,
        "status": "placed", "currency": "CNY", "source": "shop", "occurred_at": occurred,
        "recorded_at": occurred + timedelta(days=lag_days),
    } | more  # fmt: skip


def quality_of(*orders: Row, terms: QualityTerms = TERMS) -> Quality:
    with lake({"orders": told("orders", orders)}) as connection:
        return read_quality(connection, NOW, terms)[0]


def test_the_lag_is_that_of_first_tellings_and_late_what_exceeds_the_promise() -> None:
    orders = [order(str(n), 60, lag) for n, lag in enumerate((1, 2, 2.5, 9))]
    (found,) = quality_of(*orders, order("0", 60, 50)).timeliness
    assert (found.rows, found.corrections) == (4, 1)
    assert (found.lag_median_s, found.lag_p95_s) == (2 * DAY, 9 * DAY)
    assert (found.late_rows, found.late_share) == (2, 0.5)
    assert (found.promise_s, found.promised, found.fresh) == (2 * DAY, True, False)


def test_a_source_without_a_promise_is_held_to_the_stated_default() -> None:
    found = quality_of(order("1", 40, 33, source="tax"), order("2", 30, 1, source="tax"))
    (timely,) = found.timeliness
    assert (timely.promise_s, timely.promised) == (31 * DAY, False)
    assert (timely.late_rows, timely.fresh, timely.age_s) == (1, True, 30 * DAY)


def test_one_clock_gives_no_lag_rather_than_a_perfect_one() -> None:
    (found,) = quality_of(order("1", 3), order("2", 1)).timeliness
    assert (found.lag_median_s, found.lag_p95_s, found.late_rows) == (None, None, None)
    assert found.late_share is None


def test_a_firm_may_be_old_where_its_source_is_fresh() -> None:
    found = quality_of(order("1", 90, 1), order("2", 1, enterprise="E2"))
    assert (found.timeliness[0].age_s, found.timeliness[0].source_age_s) == (90 * DAY, DAY)
    assert found.timeliness[0].fresh


def monthly(*months: int) -> list[Row]:
    """Orders on the second day of months of 2024."""
    return [order(str(m), 0, occurred_at=AS_OF.replace(month=m, day=2)) for m in months]


@pytest.mark.parametrize(
    ("months", "rhythm", "missing"),
    [
        ((1, 2, 3, 4, 6, 7, 8, 9), 1, 1),  # one silent month
        ((1, 2, 3, 4, 5), 1, 4),  # silent to the date
        ((1, 3, 5, 7, 9), 2, 0),  # every second month is its habit
        ((1, 3, 5, 9), 2, 2),
        ((1, 2, 3), None, None),  # two steps are no habit
    ],
)
def test_a_month_is_missing_where_it_is_silent_beyond_the_firms_own_rhythm(
    months: tuple[int, ...], rhythm: int | None, missing: int | None
) -> None:
    (found,) = quality_of(*monthly(*months)).rhythms
    assert (found.step_months, found.months_missing) == (rhythm, missing)
    assert found.first_month == date(2024, 1, 1)
    assert found.rows_by_month == tuple(int(month in months) for month in range(1, 10))
    assert sum(found.missing) == (missing or 0)


def test_the_month_under_way_is_not_yet_silent() -> None:
    moment = Moment(AS_OF - timedelta(days=1), AS_OF)
    with lake({"orders": told("orders", monthly(4, 5, 6, 7, 8))}) as connection:
        (found,) = read_quality(connection, moment, TERMS)[0].rhythms
    assert found == Rhythm("orders", date(2024, 4, 1), (1, 1, 1, 1, 1), 1, 0)


def test_a_field_is_filled_as_each_source_last_told_it() -> None:
    found = quality_of(order("1", 9, currency=None), order("1", 9, 1), order("2", 9, currency=None))
    assert found.filled == (Filled("orders", "shop", "currency", 2, 1),)
    assert found.filled[0].share == 0.5


def test_a_conflict_names_both_values_and_why_one_counts() -> None:
    found = quality_of(
        order("1", 9, source="tax", gross_minor=700), order("1", 9, 1, gross_minor=900)
    )
    assert found.consistency == (Consistency("orders", 1, 0, 1, 0, 1),)
    assert found.conflicts == (
        Conflict(
            "orders", "1", "gross_minor", "700", "900", "tax", "shop", True, "stronger assurance"
        ),
    )


@pytest.mark.parametrize(("lag", "why"), [(1, "recorded later"), (0, "landed later")])
def test_between_equals_the_later_word_counts(lag: int, why: str) -> None:
    terms = replace(TERMS, fed_by={})
    found = quality_of(
        order("1", 9, source="copy", status="placed"),
        order("1", 9, lag, source="buyers", status="shipped"),
        terms=terms,
    )
    assert [(c.value, c.other_value, c.why) for c in found.conflicts] == [
        ("shipped", "placed", why)
    ]


def test_a_correction_of_a_source_by_itself_is_no_conflict() -> None:
    found = quality_of(order("1", 9), order("1", 9, 1, gross_minor=900))
    assert (found.consistency, found.conflicts) == ((), ())


def test_invoices_of_other_keys_conflict_where_both_stand() -> None:
    def invoice(source: str, gross: int) -> Row:
        return order("1", 9, source=source, gross_minor=gross) | {
            "invoice_no": "7", "net_minor": 400, "tax_minor": 100, "status": "valid",
        }  # fmt: skip

    rows = told("sales_invoices", [invoice("tax", 500), invoice("shop", 650)])
    with lake({"sales_invoices": rows}) as connection:
        quality = read_quality(connection, NOW, TERMS)[0]
    assert [(c.field, c.value, c.other_value, c.why) for c in quality.conflicts] == [
        ("gross_minor", "500", "650", "both stand")
    ]


def test_agreement_of_two_sources_of_one_borrower_confirms_nothing() -> None:
    (fed,) = quality_of(order("1", 9, source="erp"), order("1", 9, source="copy")).consistency
    assert fed == Consistency("orders", 1, 1, 0, 0, 0)
    (free,) = quality_of(order("1", 9, source="shop"), order("1", 9, source="copy")).consistency
    assert free == Consistency("orders", 1, 1, 1, 1, 0)


def test_a_copy_of_the_borrowers_own_word_is_no_truth_for_it() -> None:
    found = quality_of(order("1", 9, source="erp"), order("1", 9, source="copy"))
    assert [(item.source, item.checked) for item in found.accuracy] == [("copy", 0), ("erp", 0)]


def test_all_that_is_self_declared_is_one_source() -> None:
    assurances = {"books": "self-declared", "portal": "self-declared", "shop": "platform-observed"}
    found = origins(assurances | {"copy": "counterparty-confirmed"}, {"copy": "books"})
    assert found == {"books": "borrower", "portal": "borrower", "shop": "shop", "copy": "borrower"}


def test_accuracy_is_share_and_error_against_truth_and_missing_without_one() -> None:
    found = quality_of(
        order("1", 9, gross_minor=900),
        order("1", 9, source="tax", gross_minor=1000),
        order("2", 9, gross_minor=501),
        order("2", 9, source="tax"),
        order("3", 9, gross_minor=1),
    )
    shop, tax = found.accuracy
    assert (shop.facts, shop.checked, shop.equal, shop.share_equal) == (3, 2, 1, 0.5)
    gross = next(item for item in shop.fields if item.field == "gross_minor")
    assert gross == FieldAccuracy("gross_minor", 2, 1, 101, 1500)
    assert gross.relative_error == pytest.approx(101 / 1500)
    assert tax == Accuracy("orders", "tax", 2, 0, 0, ())
    assert tax.share_equal is None


def test_a_field_that_the_truth_does_not_tell_is_not_checked() -> None:
    found = quality_of(order("1", 9), order("1", 9, source="tax", currency=None))
    currency = next(item for item in found.accuracy[0].fields if item.field == "currency")
    assert (currency.checked, currency.share_equal, currency.relative_error) == (0, None, None)


def test_late_and_checked_rows_open() -> None:
    rows = [order("1", 9, 5), order("2", 9, 1), order("1", 9, source="tax")]
    with lake({"orders": told("orders", rows)}) as connection:
        late = rows_behind(connection, NOW, TERMS, "E1", "late:orders")
        checked = rows_behind(connection, NOW, TERMS, "E1", "checked:orders")
        conflicts = rows_behind(connection, NOW, TERMS, "E1", "conflicts:orders")
    occurred = AS_OF - timedelta(days=9)
    assert late == (
        LateRow(
            "orders", "1", occurred, occurred + timedelta(days=5), 5 * DAY, "shop", "orders.csv", 1
        ),
    )
    assert checked == (CheckedRow("orders", "1", "shop", "tax", "orders.csv", 1, "orders.csv", 3),)
    assert conflicts == ()


@pytest.mark.parametrize("number", ["orders", "orders-payments:lost", "late:ordres", "", "late:"])
def test_a_number_of_no_known_name_is_refused(number: str) -> None:
    with lake({}) as connection, pytest.raises(InputProblem) as refusal:
        rows_behind(connection, NOW, TERMS, "E1", number)
    assert str(refusal.value) == (
        f"error: {number}: No number of quality is called that. Write RULE:VERDICT with a rule of "
        "orders-payments, refunds-payments, orders-deliveries, orders-invoices, payments-bank, "
        "sales-bank, purchases-bank and a verdict of matched, confirmed, differing, left_only, "
        "right_only, open; or late:CONTRACT, conflicts:CONTRACT, checked:CONTRACT, such as "
        "late:orders."
    )
