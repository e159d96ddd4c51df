"""Settings that make no market are refused, all reasons together."""

from datetime import date

import numpy as np
import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.world.settings import Stream, WorldSettings, calendar, check_settings, stream


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (WorldSettings(enterprises=0),
         "error: --enterprises: 0 firms make no market. Ask for at least 1."),
        (WorldSettings(enterprises=-5),
         "error: --enterprises: -5 firms make no market. Ask for at least 1."),
        (WorldSettings(enterprises=2_000_000),
         ("error: --enterprises: 2000000 firms are more than this market can number. "
         "Ask for at most 1000000.")),
        (WorldSettings(seed=-1),
         "error: --seed: -1 is negative. Take a whole number from 0."),
        (WorldSettings(months=0),
         "error: --months: 0 is out of range. Take 1 to 120 months."),
        (WorldSettings(labelled_share=1.5),
         "error: --labelled-share: 1.5 is no share. Take a number from 0 to 1."),
        (WorldSettings(default_rate=float("nan")),
         "error: --default-rate: nan is out of range. Take a share from 0.001 to 0.5."),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_with_a_remedy(settings: WorldSettings, message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        check_settings(settings)
    assert str(refusal.value) == message


def test_an_unknown_sector_is_answered_with_those_there_are() -> None:
    with pytest.raises(InputProblem, match=r"'magic' is no sector .* Take one of apparel, elec"):
        check_settings(WorldSettings(shocked_sector="magic"))


def test_every_wrong_setting_is_reported_at_once() -> None:
    with pytest.raises(InputProblem) as refusal:
        check_settings(WorldSettings(enterprises=0, seed=-1, months=200))
    assert len(refusal.value.findings) == 3


def test_the_months_end_at_the_as_of_date() -> None:
    months = calendar(WorldSettings(months=12, as_of=date(2024, 7, 1)))
    assert np.datetime64(months.as_of_s, "s") == np.datetime64("2024-07-01")
    assert np.datetime64(int(months.edges_s[0]), "s") == np.datetime64("2023-07-02")
    assert months.season_month.tolist() == [6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5]


def test_streams_differ_and_repeat() -> None:
    settings = WorldSettings(seed=4)
    draws = [stream(settings, which).random() for which in Stream]
    assert len(set(draws)) == len(Stream)
    assert draws == [stream(settings, which).random() for which in Stream]
