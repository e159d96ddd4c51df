"""The credit file as a PDF: text that can be selected, tagged for screen readers (PDF/UA-1).

Typst sets it; nothing is loaded from a network or from the system, and no clock is looked up, so
the same records give the same bytes.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from tradeline.creditfile.file.record import SubjectFile
from tradeline.creditfile.file.shown import file_shown
from tradeline.kernel.findings import problem

HEAD = "%PDF-"


def file_pdf(file: SubjectFile) -> bytes:
    """The whole document; InputProblem where what sets it is not installed."""
    content = json.dumps(_content(file_shown(file)))
    return typeset(_template(), content, file.known_at.replace(microsecond=0, tzinfo=UTC))


def typeset(template: bytes, content: str, moment: datetime) -> bytes:
    """A template set with what it reads as `sys.inputs.file`, dated a moment, as a PDF.

    InputProblem where what sets it is not installed.
    """
    try:
        import pylopdf_fonts_zh_cn as fonts
        import typst
    except ImportError as error:
        raise problem(
            "no-typesetter",
            "--format pdf",
            "A PDF needs a typesetter and its fonts, and they are not installed.",
            'Install them: pip install "tradeline[pdf]"; or print the page from a browser.',
        ) from error
    own_fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(files(fonts))])

    def compiled(standard: Literal["ua-1"] | None) -> bytes:
        return typst.compile(
            template,
            sys_inputs={"file": content},
            format="pdf",
            font_paths=own_fonts,
            ignore_system_fonts=True,
            pdf_standards=standard,
            timestamp=moment,
        )

    try:
        return compiled("ua-1")
    except typst.TypstError:
        # A script that no font here has: the standard forbids its empty boxes. The text is there.
        return compiled(None)


@cache
def _template() -> bytes:
    return (files("tradeline.creditfile.file") / "page.typ").read_bytes()


def _content(shown: dict[str, Any]) -> dict[str, Any]:
    """What the template reads: texts and numbers, without drawings."""
    return shown | {
        "heading": f"Credit file of {shown['title']}",
        "lead": (
            f"What had happened by {shown['as_of_words']} and was on record by "
            f"{shown['known_at_words']} (UTC). What came later, or was learned later, is not in it."
        ),
        "parts": [_plain(part) for part in shown["parts"]],
        "headlines": [],
    }


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    figures = [
        figure
        | {
            "charts": [{"months": chart["months"]} for chart in figure["charts"]],
            "partners": [
                {name: value for name, value in partner.items() if name != "bar"}
                for partner in figure["partners"]
            ],
            "rows": f"{figure['rows']:,}",
            "shown_rows": [],
        }
        for figure in part["figures"]
    ]
    return part | {"figures": figures, "quality": [asdict(line) for line in part["quality"]]}
