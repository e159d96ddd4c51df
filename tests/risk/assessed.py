"""One assessment of the small market, shared by the tests that look into it."""

from functools import cache

from tests.journeys.market import SETTINGS, market
from tradeline.risk.assessment import Assessment, Request, assess

REQUEST = Request(market(), budget=20_000_000, as_of=SETTINGS.as_of, resamples=10)


@cache
def assessment() -> Assessment:
    """The market assessed with few refits."""
    return assess(REQUEST, lambda _: None)
