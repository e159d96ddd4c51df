"""The credit file as one self-contained HTML page: no network, no script, same bytes."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tradeline.creditfile.file.record import LISTED_MOST, SubjectFile
from tradeline.creditfile.file.shown import file_shown
from tradeline.kernel.texts import clean


def file_page(file: SubjectFile, place: str) -> str:
    """The whole page as text; encode it as UTF-8.

    `place` is the lake or folder, as the commands that the page tells its reader name it.
    """
    return (
        _environment()
        .get_template("page.html")
        .render(file=file_shown(file), place=place, listed_most=LISTED_MOST)
    )


def _finalize(value: object) -> object:
    """Every text that reaches the page is clean, whoever forgot to clean it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return clean(value)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("tradeline.creditfile.file", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
