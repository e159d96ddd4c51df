"""Made-up loans as rows of texts, as they land in a portfolio's folder."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from tests.lending.end_of_day.made import Loan
from tradeline.lending.end_of_day.columns import EVENT_COLUMNS, KINDS, field_of
from tradeline.lending.end_of_day.folder import Landed
from tradeline.lending.loan.contract import Amortisation, Contract, Step
from tradeline.lending.loan.events import Event, Reversal

WORDS = {kind.record: word for word, kind in KINDS.items()}


def text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)


def money(minor: int | None) -> str:
    return "" if minor is None else f"{Decimal(minor).scaleb(-2):.2f}"


def percent(rate: Fraction) -> str:
    return str(Decimal(rate.numerator * 100) / Decimal(rate.denominator))


def step_text(step: Step) -> str:
    return f"{', '.join(sorted(step.timings))}: {', '.join(step.components)}"


def custom_column(contract: Contract) -> str:
    of_principal = contract.amortisation is Amortisation.PRINCIPAL
    return "custom_principal" if of_principal else "custom_instalments"


def custom_text(contract: Contract) -> str:
    return "; ".join(
        f"{each.due}: {money(each.amount_minor)}"
        if each.amount_minor is not None
        else text(each.due)
        for each in contract.custom
    )


def loan_texts(name: str, contract: Contract, lender: str = "bank") -> dict[str, str]:
    found = {
        "loan": name, "product": contract.family.value, "lender": lender,
        "currency": contract.currency,
        "principal": money(contract.principal_minor),
        "annual_rate_percent": percent(contract.annual_rate),
        "start": text(contract.start), "frequency": text(contract.frequency),
        "every": text(contract.every), "instalments": text(contract.instalments),
        "family": text(contract.family), "interest": text(contract.interest),
        "amortisation": text(contract.amortisation), "day_count": text(contract.day_count),
        "rounding": text(contract.interest_rounding.mode),
        "interest_step": text(contract.interest_rounding.step_minor),
        "instalment_rounding": text(contract.instalment_rounding.mode),
        "instalment_step": text(contract.instalment_rounding.step_minor),
        "first_due": text(contract.first_due),
        "fixed_instalment": money(contract.fixed_instalment_minor),
        "balloon": money(contract.balloon_minor),
        "down_payment_percent": percent(contract.down_payment),
        "principal_grace_periods": text(contract.grace.principal_periods),
        "interest_grace_periods": text(contract.grace.interest_deferred_periods),
        "arrears_grace_days": text(contract.grace.arrears_days),
        "payoff_interest": text(contract.payoff_interest),
        "allocation": "; ".join(map(step_text, contract.waterfall.steps)),
        "allocation_direction": text(contract.waterfall.direction),
        "future_payments": text(contract.waterfall.future),
        "future_refunds": text(contract.waterfall.future_refunds),
        "charges_by_their_date": text(contract.waterfall.charges_by_their_date),
    }  # fmt: skip
    flags = ("slices_rounded", "instalment_moves", "instalment_on_approved", "down_payment_kept")
    found |= {name: text(getattr(contract, name)) for name in (*flags, "instalment_basis")}
    if contract.calendar is not None:
        of, part = contract.calendar.country, contract.calendar.subdivision
        found |= {"calendar": f"{of}-{part}" if part else of, "shift": contract.calendar.shift}
    if contract.custom:
        found |= {"amortisation": "", custom_column(contract): custom_text(contract)}
    follows, penalty = contract.recalculation, contract.overdue_penalty
    if follows is not None:
        found |= {name: text(getattr(follows, name)) for name in ("rest", "prepayment", "arrears")}
    if penalty is not None:
        found |= {
            "penalty_percent": percent(penalty.rate), "penalty_base": text(penalty.base),
            "penalty_each_day": text(penalty.per_day),
            "penalty_after_grace_days": text(penalty.after_grace_days),
        }  # fmt: skip
    return found


def event_texts(place: int, event: Event) -> dict[str, str]:
    kind = KINDS[WORDS[type(event)]]
    found = {"event": WORDS[type(event)], "value_date": text(event.value_date),
             "entered_on": text(event.entered_on), "reference": f"event {place}"}  # fmt: skip
    if isinstance(event, Reversal):
        return found | {"reverses": f"event {event.of}"}
    for column in EVENT_COLUMNS:
        if column.name in (*kind.needs, *kind.may):
            value = getattr(event, field_of(kind, column.name))
            name = field_of(kind, column.name)
            if name.endswith("_minor"):
                found[column.name] = money(value)
            else:
                found[column.name] = percent(value) if isinstance(value, Fraction) else text(value)
    return found


def landed(loans: Sequence[Loan]) -> list[Landed]:
    """The loans, named by their place."""
    return [
        Landed(
            loan_texts(f"loan {place:04d}", each.contract, lender=f"bank {place % 3}"),
            [event_texts(at, event) for at, event in enumerate(each.events)],
        )
        for place, each in enumerate(loans)
    ]
