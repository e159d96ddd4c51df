"""How pages are written: every text escaped and clean, in one dress, by the templates of a room."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tradeline.kernel.texts import clean
from tradeline.risk.report import formatting

WORDS = ("name", "percent", "chance", "chance_range", "number", "points", "count")


def page_environment(package: str) -> Environment:
    """The templates of a package, which may extend and include those of the report."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("tradeline.risk.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update({word: getattr(formatting, word) for word in WORDS})
    return environment


def _finalize(value: object) -> object:
    """Every text that reaches the page is clean, whoever forgot to clean it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return clean(value)
