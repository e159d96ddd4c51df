"""Provisions of many loans at once are those of each loan by itself."""

from datetime import date

import numpy as np

from tradeline.lending.end_of_day.provisions import class_of
from tradeline.lending.provisions.by_age import age_class, read_age_classes

CLASSES = read_age_classes(date(2026, 1, 1))


def test_the_classes_of_many_loans_are_those_of_each() -> None:
    days = np.arange(0, 500)
    found = [CLASSES[place].name for place in class_of(days, CLASSES)]
    assert found == [age_class(CLASSES, int(each)).name for each in days]
