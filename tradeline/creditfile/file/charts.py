"""Small charts of a credit file as inline SVG: months as bars, parts of a whole as a bar."""

from collections.abc import Sequence

from markupsafe import Markup

from tradeline.creditfile.file.declaration import Figure
from tradeline.creditfile.file.reckoning import MonthValue
from tradeline.creditfile.file.words import value_words

WIDTH, HEIGHT, TOP, FOOT = 640, 120, 16, 18


def month_bars(figure: Figure, months: Sequence[MonthValue]) -> Markup:
    """A bar for each month of one currency or unit, from a common zero; years stand below."""
    values = [float(item.value.adds) for item in months]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = (HEIGHT - TOP - FOOT) / ((high - low) or 1)
    slot = WIDTH / len(months)
    zero = TOP + high * scale
    bars = "".join(
        f"M{slot * place + slot * 0.1:.1f} {zero:.1f}h{slot * 0.8:.1f}v{-value * scale:.1f}"
        f"h{-slot * 0.8:.1f}z"
        for place, value in enumerate(values)
        if value
    )
    years = [
        Markup('<text x="{}" y="{}">{}</text>').format(
            f"{slot * place:.1f}", HEIGHT - 4, item.month.year
        )
        for place, item in enumerate(months)
        if place == 0 or (item.month.month == 1 and slot * place > 40)
    ]
    peak = max(months, key=lambda item: abs(float(item.value.adds)))
    said = f"{value_words(figure, peak.value)} in {peak.month:%Y-%m}"
    desc = f"{months[0].month:%Y-%m} to {months[-1].month:%Y-%m}; the longest bar is {said}."
    return Markup(
        '<svg viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>'
        '<text x="0" y="11">{}</text><path class="bar" d="{}"/>'
        '<path class="axis" d="M0 {}h{}"/>{}</svg>'
    ).format(WIDTH, HEIGHT, figure.label, desc, f"Longest bar: {said}", bars, f"{zero:.1f}", WIDTH,
             Markup("").join(years))  # fmt: skip


def share_bar(share: float) -> Markup:
    """A bar that is filled as far as a share goes; the share stands beside it in words."""
    return Markup(
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="rest" d="M0 0h100v8h-100z"/><path class="bar" d="M0 0h{}v8h-{}z"/></svg>'
    ).format(f"{100 * share:.1f}", f"{100 * share:.1f}")
