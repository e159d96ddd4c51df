"""A number that changed is followed; one that passed on says nothing of who had it before."""

from datetime import datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.creditfile.linkage.identifier_history import Registered, numbers_today

START = datetime(2015, 1, 1)  # noqa: DTZ001  # naive UTC as in the lake


def year(number: int) -> datetime:
    return START + timedelta(days=365 * number)


def told(firm: str, number: str, since: int, *, ended: bool = False) -> Registered:
    return Registered(firm, number, year(since), ended)


def test_who_did_not_hear_of_a_change_is_read_with_the_new_number() -> None:
    known = numbers_today([told("A", "old", 0), told("A", "new", 5), told("B", "OLD", 0)])
    assert known == {"A": "new", "B": "new"}


def test_a_change_is_followed_from_one_source_to_the_next() -> None:
    rows = [told("A", "1", 0), told("A", "2", 3), told("B", "2", 3), told("B", "3", 6),
            told("C", "1", 1)]  # fmt: skip
    assert numbers_today(rows) == {"A": "3", "B": "3", "C": "3"}


def test_who_got_the_number_after_it_was_given_up_keeps_it() -> None:
    rows = [told("A", "1", 0), told("A", "2", 3), told("B", "1", 4), told("C", "1", 2)]
    assert numbers_today(rows) == {"A": "2", "B": "1", "C": "2"}


def test_the_number_of_a_firm_that_ended_says_nothing_once_another_has_it() -> None:
    ended = [told("A", "1", 0), told("A", "1", 3, ended=True)]
    assert numbers_today(ended) == {"A": "1"}
    assert numbers_today([*ended, told("B", "1", 5)]) == {"A": None, "B": "1"}
    assert numbers_today([*ended, told("B", "1", 3)]) == {"A": None, "B": "1"}
    twice = [told("A, too", "1", 0), told("A, too", "1", 4, ended=True)]
    assert numbers_today([*ended, *twice]) == {"A": "1", "A, too": "1"}


def test_where_two_that_carried_a_number_went_different_ways_nobody_follows() -> None:
    rows = [told("A", "1", 0), told("A", "2", 3), told("B", "1", 0), told("B", "3", 4),
            told("C", "1", 1)]  # fmt: skip
    assert numbers_today(rows) == {"A": "2", "B": "3", "C": "1"}


def test_a_number_that_came_back_is_the_number_of_today() -> None:
    rows = [told("A", "1", 0), told("A", "2", 3), told("A", "1", 6), told("B", "1", 1)]
    assert numbers_today(rows) == {"A": "1", "B": "1"}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_time_a_record_is_of_it_has_the_number_of_its_firm_and_of_no_other(
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    free, held, rows, records = [str(n) for n in range(6)], dict[str, str](), [], {}
    for step in range(40):
        firm = str(random.choice(["A", "B", "C"]))
        number = free.pop(int(random.integers(len(free))))
        if firm in held:
            free.append(held[firm])
        held[firm] = number
        rows.append(told(firm, number, step))
        if random.random() < 0.5:
            record = f"{firm} as of {step}"
            rows.append(told(record, number, step))
            records[record] = firm
    places = random.permutation(len(rows)).tolist()
    known = numbers_today(rows[place] for place in places)
    assert known == held | {record: held[firm] for record, firm in records.items()}
