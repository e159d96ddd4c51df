"""What is expected, earned and owed day by day, as an open engine publishes it and as it must be.

The peer's figures are those of apache/fineract: of its test of the projected schedule
(ProjectedAmortizationScheduleCalculatorTest, 00cc394d), which rounds the fee of each day, and of
its scenarios (WorkingCapitalAmortizationScheduleMatrixPt1, a535ee68), which round a running total.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.revenue_share.plan import Plan, expected_payment, planned
from tradeline.lending.revenue_share.projection import Came, Day, projected

DISBURSED = date(2026, 1, 1)
NEXT = date(2026, 1, 2)


def plan(advance: int, fee: int, payment_minor: int = 5_000) -> Plan:
    """A plan of whole units."""
    return planned(advance * 100, fee * 100, payment_minor)


def shown(day: Day) -> tuple[int, int, int, int]:
    return day.expected_minor, day.balance_minor, day.fee_minor, day.deferred_fee_minor


TEN = [
    (5_000, 40_883, 883, 4_117, "0.98074794"),
    (5_000, 36_686, 803, 3_314, "0.96186652"),
    (5_000, 32_406, 720, 2_594, "0.94334860"),
    (5_000, 28_042, 636, 1_958, "0.92518720"),
    (5_000, 23_593, 550, 1_408, "0.90737544"),
    (5_000, 19_056, 463, 945, "0.88990659"),
    (5_000, 14_430, 374, 571, "0.87277405"),
    (5_000, 9_713, 283, 288, "0.85597135"),
    (5_000, 4_904, 191, 97, "0.83949214"),
    (5_000, 0, 97, 0, "0.82333018"),
]
LOWER = [
    (5_000, 38_914, 914, 4_086, "0.97919271"),
    (5_000, 34_741, 827, 3_259, "0.95881836"),
    (5_000, 30_479, 738, 2_521, "0.93886795"),
    (5_000, 26_126, 648, 1_873, "0.91933266"),
    (5_000, 21_682, 555, 1_318, "0.90020383"),
    (5_000, 17_142, 461, 857, "0.88147303"),
    (5_000, 12_507, 364, 493, "0.86313197"),
    (5_000, 7_772, 266, 227, "0.84517253"),
    (5_000, 2_938, 165, 62, "0.82758678"),
    (3_000, 0, 62, 0, "0.81036694"),
]
PAID_40 = [
    (5_000, 40_883, 883, 4_117, "1.00000000"),
    (5_000, 37_525, 819, 3_474, "0.98074794"),
    (5_000, 33_262, 737, 2_737, "0.96186652"),
    (5_000, 28_915, 653, 2_084, "0.94334860"),
    (5_000, 24_483, 568, 1_516, "0.92518720"),
    (5_000, 19_963, 481, 1_035, "0.90737544"),
    (5_000, 15_355, 392, 643, "0.88990659"),
    (5_000, 10_656, 301, 342, "0.87277405"),
    (5_000, 5_866, 209, 133, "0.85597135"),
    (5_000, 981, 114, 19, "0.83949214"),
    (1_000, 0, 19, 0, "0.82333018"),
]
PAID_110 = [
    (5_000, 40_883, 883, 4_117, "1.00000000"),
    (5_000, 31_533, 703, 2_467, "0.98074794"),
    (5_000, 27_152, 619, 1_848, "0.96186652"),
    (5_000, 22_685, 533, 1_315, "0.94334860"),
    (5_000, 18_131, 445, 870, "0.92518720"),
    (5_000, 13_486, 356, 514, "0.90737544"),
    (5_000, 8_751, 265, 249, "0.88990659"),
    (5_000, 3_923, 172, 77, "0.87277405"),
    (4_000, 0, 77, 0, "0.85597135"),
]
WHOLE = {
    "450 + 50": (450, None, TEN),
    "430 + 50": (430, None, LOWER),
    "450 + 50, 40 paid": (450, 4_000, PAID_40),
    "450 + 50, 110 paid": (450, 11_000, PAID_110),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_schedules_of_the_peer_with_fees_rounded_each_day(name: str) -> None:
    advance, paid, expected = WHOLE[name]
    receipts = {NEXT: paid} if paid else {}
    days = projected(plan(advance, 50), DISBURSED, receipts=receipts, style="each day")
    assert [(*shown(day), str(day.discount_factor)) for day in days] == expected
    assert [day.on for day in days] == [
        DISBURSED + timedelta(days=n) for n in range(1, len(days) + 1)
    ]


def test_what_part_of_a_payment_and_more_than_one_earn() -> None:
    for paid, came in (
        (4_000, Came(4_000, 707, 41_707, 4_293)),
        (11_000, Came(11_000, 1_830, 35_830, 3_170)),
    ):
        first, *rest = projected(plan(450, 50), DISBURSED, receipts={NEXT: paid})
        assert first.came == came
        assert all(day.came is None for day in rest)


# Advance, fee, daily payment, what came on the first day, days in all, and some of them.
LISTED: dict[str, tuple[int, int, int, int, int, dict[int, tuple[int, int, int, int]]]] = {
    "share 18 %, 360 days": (
        9_000, 1_000, 5_000, 0, 200,
        {1: (5_000, 895_961, 961, 99_039), 2: (5_000, 891_918, 957, 98_082), 200: (5_000, 0, 5, 0)},
    ),
    "share 18 %, 365 days": (
        9_000, 1_000, 4_932, 0, 203,
        {1: (4_932, 896_016, 948, 99_052), 2: (4_932, 892_028, 944, 98_108), 203: (3_736, 0, 4, 0)},
    ),
    "share 17 %": (
        9_000, 1_000, 4_722, 0, 212,
        {
            1: (4_722, 896_186, 908, 99_092), 2: (4_722, 892_368, 904, 98_188),
            211: (4_722, 3_654, 8, 4), 212: (3_658, 0, 4, 0),
        },
    ),
    "half the fee": (
        9_000, 500, 5_000, 0, 190,
        {1: (5_000, 895_514, 514, 49_486), 2: (5_000, 891_026, 512, 48_974), 190: (5_000, 0, 3, 0)},
    ),
    "no fee": (
        10_000, 0, 5_000, 0, 200,
        {1: (5_000, 995_000, 0, 0), 2: (5_000, 990_000, 0, 0), 200: (5_000, 0, 0, 0)},
    ),
    "one day": (100, 0, 10_000, 0, 1, {1: (10_000, 0, 0, 0)}),
    "1,234 paid": (
        9_000, 1_000, 5_000, 123_400, 177,
        {1: (5_000, 895_961, 961, 99_039), 2: (5_000, 794_901, 854, 76_699), 177: (1_600, 0, 2, 0)},
    ),
    "all paid and 5 cents": (9_000, 1_000, 5_000, 1_000_005, 1, {1: (5_000, 895_961, 100_000, 0)}),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTED)
def test_rows_of_the_peer_with_a_running_total(name: str) -> None:
    advance, fee, payment, paid, count, rows = LISTED[name]
    receipts = {NEXT: paid} if paid else {}
    days = projected(plan(advance, fee, payment), DISBURSED, receipts=receipts)
    assert len(days) == count
    assert {number: shown(days[number - 1]) for number in rows} == rows


def test_days_without_sales_earn_nothing_and_put_the_end_off() -> None:
    third = date(2026, 1, 4)
    days = projected(plan(9_000, 1_000), DISBURSED, receipts={third: 5_000}, style="each day")
    nothing = Came(0, 0, 900_000, 100_000)
    assert [day.came for day in days[:3]] == [nothing, nothing, Came(5_000, 961, 895_961, 99_039)]
    assert shown(days[3]) == (5_000, 891_918, 957, 98_082)
    assert [shown(day) for day in days[199:]] == [
        (5_000, 9_984, 17, 16), (5_000, 4_995, 11, 5), (5_000, 0, 5, 0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sales", "share", "days", "payment"),
    [
        ("100000.00", "18", 360, 5_000),
        ("100000.00", "18", 365, 4_932),
        ("100000.00", "17", 360, 4_722),
        ("36000.00", "100", 360, 10_000),
        ("0.10", "1", 360, 1),
    ],
)
def test_the_expected_payment_is_a_share_of_a_day_of_sales(
    sales: str, share: str, days: int, payment: int
) -> None:
    assert expected_payment(int(Decimal(sales) * 100), Fraction(share) / 100, days) == payment


def test_the_rate_per_day_to_twelve_digits() -> None:
    assert plan(450, 50).rate_per_day() == Decimal("0.019629979784")
    assert plan(9_000, 1_000).rate_per_day() == Decimal("0.001067814488")
    assert plan(100, 0).rate_per_day() == 0


advances = st.tuples(st.integers(1, 10**7), st.integers(0, 10**6), st.integers(500, 10**6))


@settings(deadline=None)
@given(advances, st.dictionaries(st.integers(1, 30), st.integers(0, 10**6), max_size=6))
def test_whatever_comes_all_adds_up(amounts: tuple[int, int, int], came: dict[int, int]) -> None:
    advance, fee, payment = amounts
    fee = min(fee, 5 * advance)
    payment += (advance + fee) // 60
    receipts = {DISBURSED + timedelta(days=day): amount for day, amount in came.items()}
    made = planned(advance, fee, payment)
    days = projected(made, DISBURSED, receipts=receipts)
    received = 0
    for day in days:
        assert min(shown(day)) >= 0
        assert day.came is not None or day.expected_minor <= payment
        if day.came:
            received += day.came.received_minor
            earned = fee - day.came.unearned_minor
            assert day.came.owed_minor == max(advance + earned - received, 0)
    assert days[-1].balance_minor == 0 or days[-1].came
    assert days[-1].deferred_fee_minor == 0
    to_come = sum(day.expected_minor for day in days if day.came is None)
    assert to_come == max(advance + fee - received, 0)
    known = [day.came for day in days if day.came]
    unearned = known[-1].unearned_minor if known else fee
    assert sum(day.fee_minor for day in days if day.came is None) == unearned


@pytest.mark.parametrize("amounts", [(0, 1, 1), (1, -1, 1), (1, 1, 0)])
def test_amounts_that_make_no_plan_are_refused(amounts: tuple[int, int, int]) -> None:
    with pytest.raises(InputProblem) as refusal:
        plan(*amounts)
    assert str(refusal.value) == (
        "error: revenue share: Advance and payment must be above zero, and a fee must not be "
        "below. Check advance, fee and expected payment."
    )


def test_an_advance_that_would_never_end_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        plan(9_000, 1_000, 1)
    assert str(refusal.value) == (
        "error: revenue share: At the expected payment the advance would run for 1,000,000 days. "
        "Raise the share or lower the advance, so that it ends within 18,250 days."
    )


@pytest.mark.parametrize("share", [Fraction(0), Fraction(-1, 10), Fraction(11, 10)])
def test_a_share_that_is_none_is_refused(share: Fraction) -> None:
    with pytest.raises(InputProblem, match="the share at most 100 %"):
        expected_payment(10_000_000, share, 360)
