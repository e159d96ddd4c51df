"""What a file of sources says of promises and of who feeds whom, and what may be wrong in one."""

from datetime import timedelta
from pathlib import Path

import pytest

from tradeline.creditfile.quality.sources import SourceNotes, read_source_notes
from tradeline.kernel.findings import InputProblem

REMEDY = "Write `sources:` and below it lines such as `shop: {every: 1 day, fed_by: erp}`."


def read(folder: Path, text: str) -> SourceNotes:
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return read_source_notes(path)


def test_promises_and_feeders_are_read_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    text = """
currency: CNY
sources:
  shop: {every: 1 day, kind: folder, where: /data}
  tax: {every: 6 weeks}
  copy: {fed_by: shop}
"""
    assert read(tmp_path, text) == SourceNotes(
        {"shop": timedelta(days=1), "tax": timedelta(weeks=6)}, {"copy": "shop"}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file has no table `sources` with a source in it."),
        ("sources: {}", "The file has no table `sources` with a source in it."),
        ("sources: [shop]", "The file has no table `sources` with a source in it."),
        ("shop: {every: 1 day}", "The file has no table `sources` with a source in it."),
        ("sources: {shop: daily}", "'shop' is no source with a table of its own."),
        ("sources: {1: {every: 1 day}}", "1 is no source with a table of its own."),
        ("sources: {shop: {often: 1 day}}", "shop: it states neither `every` nor `fed_by`."),
        (
            "sources: {shop: {every: daily}}",
            "shop: `every` is 'daily'; write a number and one of minute, hour, day, week.",
        ),
        (
            "sources: {shop: {every: 1}}",
            "shop: `every` is 1; write a number and one of minute, hour, day, week.",
        ),
        (
            "sources: {shop: {every: 0 days}}",
            "shop: `every` is '0 days'; write a number and one of minute, hour, day, week.",
        ),
        (
            "sources: {shop: {fed_by: [erp]}}",
            "shop: `fed_by` is ['erp']; write the name of a source, or borrower.",
        ),
        (
            "sources: {shop: {fed_by: ' '}}",
            "shop: `fed_by` is ' '; write the name of a source, or borrower.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_how_to_write_it(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InputProblem) as refusal:
        read(tmp_path, text)
    assert str(refusal.value) == f"error: sources.yaml: {message} {REMEDY}"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        read(tmp_path, "sources: {shop: {every: daily}, tax: {fed_by: 1}, bank: {}}")
    assert len(refusal.value.findings) == 3
