"""A plan of offers within caps, as one page, one JSON and lines of words."""

from collections.abc import Iterator
from dataclasses import asdict

from tradeline.kernel.findings import counted
from tradeline.kernel.money import minor_per_unit
from tradeline.kernel.strict_json import strict_json
from tradeline.kernel.texts import clean
from tradeline.risk.decisions.planning import EVERYBODY, CapUsed, PlannedOffers
from tradeline.risk.report import formatting
from tradeline.risk.report.environment import page_environment

FORMAT = "tradeline-plan/1"
TOGETHER = "connected clients"
NAME_LENGTH = 40


def plan_json(plan: PlannedOffers, engine_hash: str, currency: str) -> str:
    """The figures of a plan as JSON text; its offers are another file."""
    content = {
        "format": FORMAT,
        "engine": engine_hash,
        "currency": currency,
        "applications": plan.applications,
        "offers": len(plan.columns["application"]),
        "amount_minor": int(plan.columns["amount_minor"].sum()),
        "loss_minor": int(plan.columns["loss_minor"].sum()),
        "profit_minor": plan.profit_minor,
        "bound_minor": plan.bound_minor,
        "gap": plan.gap,
        "alone": {
            "offers": plan.alone,
            "amount_minor": plan.alone_minor,
            "profit_minor": plan.alone_profit_minor,
        },
        "caps": [asdict(cap) for cap in plan.caps],
        "findings": [asdict(finding) for finding in plan.findings],
    }
    return strict_json(content) + "\n"


def plan_page(plan: PlannedOffers, engine: str, currency: str) -> str:
    """The whole page as text; encode it as UTF-8."""
    return (
        page_environment("tradeline.risk.decisions")
        .get_template("plan.html")
        .render(
            plan=plan,
            engine=engine,
            caps=[cap for cap in plan.caps if cap.kind != TOGETHER],
            groups=[cap for cap in plan.caps if cap.kind == TOGETHER],
            money=lambda minor: formatting.money(minor, currency),
        )
    )


def plan_words(plan: PlannedOffers, currency: str) -> Iterator[str]:
    """What is offered, how good that is, and what binds."""

    def money(minor: int) -> str:
        return f"{currency} {minor // unit:,}"

    unit = minor_per_unit(currency)
    offered = int(plan.columns["amount_minor"].sum())
    yield (
        f"{counted(plan.applications, 'application')}: each alone {counted(plan.alone, 'offer')} "
        f"of {money(plan.alone_minor)}, expected profit {money(plan.alone_profit_minor)}"
    )
    yield (
        f"within the caps {counted(len(plan.columns['application']), 'offer')} of "
        f"{money(offered)}, expected profit {money(plan.profit_minor)}; no plan earns more than "
        f"{money(plan.bound_minor)}"
    )
    for cap in plan.caps:
        if cap.kind != TOGETHER:
            yield f"  {_cap(cap)}: {money(cap.used_minor)} of {money(cap.cap_minor)}{_price(cap)}"
    groups = [cap for cap in plan.caps if cap.kind == TOGETHER]
    if groups:
        used = sum(cap.used_minor > 0 for cap in groups)
        yield f"  {counted(len(groups), 'group')} of connected clients, offers to {used:,}"


def _cap(cap: CapUsed) -> str:
    return cap.kind if cap.name == EVERYBODY else f"{cap.kind} {clean(cap.name, NAME_LENGTH)}"


def _price(cap: CapUsed) -> str:
    return f"; one more would bring {cap.shadow_price:.4f}" if cap.shadow_price > 0 else ""
