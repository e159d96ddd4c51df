"""Local times become UTC; what the clock skipped or showed twice is read one way, and said."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lake.shops import LINES, read, refusals, rows
from tradeline.lake.wall_clocks import doubt_sql, in_utc_sql

ZONES = ("America/Sao_Paulo", "Europe/London", "Asia/Shanghai", "Australia/Lord_Howe",
         "America/New_York", "Pacific/Apia", "UTC")  # fmt: skip
CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone = 'UTC'")


def by_the_engine(local: datetime, zone: str) -> tuple[datetime, str | None]:
    text = f"TIMESTAMP '{local.isoformat(sep=' ')}'"
    query = f"SELECT {in_utc_sql(text, zone)}, {doubt_sql(text, zone)}"
    (found,) = CONNECTION.execute(query).fetchall()
    return found


def by_python(local: datetime, zone: str) -> tuple[datetime, str | None]:
    """By PEP 495, whose fold=0 is the same rule; the oracle."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    utc = first.astimezone(UTC)
    shown = utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    doubt = "skipped" if shown != local else None
    if doubt is None and first.utcoffset() != second.utcoffset():
        doubt = "twice"
    return utc.replace(tzinfo=None), doubt


@given(
    st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2035-12-31")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.sampled_from(ZONES),
)
def test_the_engine_reads_local_times_as_python_does(local: datetime, zone: str) -> None:
    assert by_the_engine(local, zone) == by_python(local, zone)


@pytest.mark.parametrize(
    ("local", "zone", "utc", "doubt"),
    [
        ("2017-10-15 00:30", "America/Sao_Paulo", "2017-10-15 03:30", "skipped"),
        ("2017-10-15 01:30", "America/Sao_Paulo", "2017-10-15 03:30", None),
        ("2018-02-17 23:30", "America/Sao_Paulo", "2018-02-18 01:30", "twice"),
        ("2018-02-17 22:59", "America/Sao_Paulo", "2018-02-18 00:59", None),
        ("2011-10-30 01:30", "Europe/London", "2011-10-30 00:30", "twice"),
        ("2011-03-27 01:00", "Europe/London", "2011-03-27 01:00", "skipped"),
        ("2011-10-30 00:59:59", "Europe/London", "2011-10-29 23:59:59", None),
        ("2011-10-30 02:00", "Europe/London", "2011-10-30 02:00", None),
        ("2024-04-07 01:45", "Australia/Lord_Howe", "2024-04-06 14:45", "twice"),
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30 22:00", "skipped"),
        ("2024-06-30 12:00", "Asia/Shanghai", "2024-06-30 04:00", None),
    ],
)
def test_gaps_move_on_and_overlaps_count_as_the_first(
    local: str, zone: str, utc: str, doubt: str | None
) -> None:
    moment = datetime.fromisoformat(local)
    assert by_the_engine(moment, zone) == (datetime.fromisoformat(utc), doubt)
    assert by_python(moment, zone) == (datetime.fromisoformat(utc), doubt)


def moments(folder: Path, *written: str, **changes: object) -> list[str]:
    lines = "".join(f"S1,{number},a,1,5,{day}\n" for number, day in enumerate(written))
    source = LINES | {"time_zone": "America/Sao_Paulo"} | changes
    landing = read(folder, source, lines=f"seller,order,sku,pieces,price,day\n{lines}")
    assert refusals(landing) == []
    found = rows(landing, "SELECT occurred_at::VARCHAR FROM order_lines ORDER BY source_row")
    return [str(moment) for (moment,) in found]


def test_a_stated_zone_reads_times_that_state_no_offset(tmp_path: Path) -> None:
    written = ["2018-01-05 12:00:00", "2018-01-05T12:00:00Z", "2018-01-05 12:00:00+01:00",
               "2018-01-05", "2018-07-05T12:00"]  # fmt: skip
    assert moments(tmp_path, *written) == [
        "2018-01-05 14:00:00",
        "2018-01-05 12:00:00",
        "2018-01-05 11:00:00",
        "2018-01-05 02:00:00",
        "2018-07-05 15:00:00",
    ]


def test_a_format_may_hold_an_offset_that_counts_or_one_that_is_not_meant(tmp_path: Path) -> None:
    written = "2018-01-05 12:00:00+00"
    assert moments(tmp_path, written, dates="%Y-%m-%d %H:%M:%S%z") == ["2018-01-05 12:00:00"]
    assert moments(tmp_path, written, dates="%Y-%m-%d %H:%M:%S+00") == ["2018-01-05 14:00:00"]


def test_turned_clocks_are_said(tmp_path: Path) -> None:
    days = ("2017-10-15 00:30", "2018-02-17 23:30", "2018-02-17 23:40", "2018-02-17 23:50Z")
    lines = "".join(f"S1,{number},a,1,5,{day}\n" for number, day in enumerate(days))
    source = LINES | {"time_zone": "America/Sao_Paulo"}
    landing = read(tmp_path, source, lines=f"seller,order,sku,pieces,price,day\n{lines}")
    said = [each.line() for each in landing.findings if each.code == "turned-clocks"]
    assert len(said) == 2
    assert said[0].startswith(
        "note: lines.csv row 2: 1 row of order_lines with a time that in America/Sao_Paulo was "
        "skipped when the clocks went forward; it is moved on by as much."
    )
    assert said[1].startswith(
        "note: lines.csv row 3: 2 rows of order_lines with a time that in America/Sao_Paulo was "
        "shown twice when the clocks went back; it counts as the first."
    )
