"""Events that make no sense are refused in words, before anything is folded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.contract import Amortisation, Contract, Family, InterestMethod
from tradeline.lending.loan.custom import wrong_custom
from tradeline.lending.loan.events import ChargeOff, Disbursement, Event, Reversal, WriteOff
from tradeline.lending.loan.taken_back import standing_events

WHERE = "loan"
MOST_INSTALMENTS = 20_000
LAST_YEAR = 2200


def check_contract(contract: Contract) -> None:
    """InputProblem if no schedule can be made of the terms."""
    _refuse(list(_contract_findings(contract)))


def check_events(contract: Contract, events: Sequence[Event]) -> None:
    """InputProblem that tells every event that makes no sense, and terms that do not."""
    findings = list(_contract_findings(contract))
    for place, event in enumerate(events):
        findings += _event_findings(contract, place, event)
        if isinstance(event, Reversal):
            findings += _reversal_findings(events, place, event)
    _refuse([*findings, *_loss_findings(events)])


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise InputProblem(findings)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What terms must not be, and what then is said."""

    breaks: Callable[[Contract], bool]
    code: str
    message: Callable[[Contract], str]
    remedy: str


def _without_principal(contract: Contract) -> bool:
    return contract.instalments is not None and not (
        0 <= contract.grace.principal_periods < contract.instalments
    )


def _deferred_for_ever(contract: Contract) -> bool:
    return contract.instalments is not None and not (
        0 <= contract.grace.interest_deferred_periods < contract.instalments
    )


def _never_ends(contract: Contract) -> bool:
    number, every = contract.instalments or 1, max(contract.every, 1)
    days = number * every * {Frequency.MONTHS: 31, Frequency.WEEKS: 7}.get(contract.frequency, 1)
    begin = max(contract.start, contract.first_due or contract.start)
    if contract.custom:
        return max(each.due for each in contract.custom).year >= LAST_YEAR
    return begin.year + days // 365 >= LAST_YEAR


def _pays_nothing(contract: Contract) -> bool:
    return contract.fixed_instalment_minor is not None and contract.fixed_instalment_minor <= 0


def _is_flat(contract: Contract) -> bool:
    return contract.interest is InterestMethod.FLAT


RULES = (
    _Rule(
        lambda terms: terms.currency not in CURRENCIES,
        "unknown-currency",
        lambda terms: f"'{terms.currency}' is no currency.",
        "Write its ISO 4217 code, such as CNY.",
    ),
    _Rule(
        lambda terms: terms.principal_minor <= 0,
        "no-principal",
        lambda terms: f"A principal of {terms.principal_minor} is none.",
        "State an amount above zero.",
    ),
    _Rule(
        lambda terms: terms.annual_rate < 0,
        "negative-rate",
        lambda _: "The rate is below zero.",
        "State a rate from 0 on.",
    ),
    _Rule(
        lambda terms: terms.every < 1,
        "no-frequency",
        lambda terms: f"Due dates every {terms.every} {terms.frequency} are none.",
        "State a whole number from 1 on.",
    ),
    _Rule(
        lambda terms: terms.instalments is None and terms.fixed_instalment_minor is None,
        "no-instalments",
        lambda _: "Neither the number of instalments nor the instalment is stated.",
        "State one of them.",
    ),
    _Rule(
        lambda terms: terms.instalments is not None and terms.instalments < 1,
        "no-instalments",
        lambda terms: f"{terms.instalments} instalments are none.",
        "State a whole number from 1 on.",
    ),
    _Rule(
        lambda terms: (terms.instalments or 0) > MOST_INSTALMENTS or _never_ends(terms),
        "too-long",
        lambda terms: f"{terms.instalments} instalments every {terms.every} {terms.frequency} "
        "would run for too long.",
        f"State at most {MOST_INSTALMENTS} instalments that end before the year 2200.",
    ),
    _Rule(
        _pays_nothing,
        "no-instalment",
        lambda _: "An instalment of nothing pays nothing back.",
        "State an amount above zero.",
    ),
    _Rule(
        lambda terms: (terms.first_due or date.max) <= terms.start,
        "first-due",
        lambda terms: f"The first due date, {terms.first_due}, is not after the start, "
        f"{terms.start}.",
        "State a later day.",
    ),
    _Rule(
        lambda terms: not 0 <= terms.down_payment < 1,
        "down-payment",
        lambda _: "A down payment is a part of the loan below all of it.",
        "State a share from 0 to below 1.",
    ),
    _Rule(
        lambda terms: not 0 <= terms.balloon_minor <= terms.principal_minor,
        "balloon",
        lambda _: "The balloon is no part of the principal.",
        "State an amount from 0 to the principal.",
    ),
    _Rule(
        _without_principal,
        "grace",
        lambda terms: f"Of {terms.instalments} instalments {terms.grace.principal_periods} cannot "
        "be without principal.",
        "Leave at least one that pays it back.",
    ),
    _Rule(
        _deferred_for_ever,
        "grace",
        lambda terms: f"Of {terms.instalments} instalments "
        f"{terms.grace.interest_deferred_periods} cannot defer their interest.",
        "Leave at least one that pays it.",
    ),
    _Rule(
        lambda terms: _is_flat(terms) and terms.family is Family.PROGRESSIVE,
        "flat-progressive",
        lambda _: "A progressive schedule follows the balance; flat interest does not.",
        "Take a cumulative schedule, or a declining balance.",
    ),
    _Rule(
        lambda terms: _is_flat(terms) and terms.recalculation is not None,
        "flat-recalculated",
        lambda _: "Flat interest does not follow what is paid.",
        "Leave recalculation out, or take a declining balance.",
    ),
    _Rule(
        lambda terms: terms.instalments is None
        and (_is_flat(terms) or terms.amortisation is Amortisation.PRINCIPAL
             or terms.family is Family.PROGRESSIVE),
        "open-end",
        lambda _: "Such a schedule needs a number of instalments.",
        "State it.",
    ),
)  # fmt: skip


def _contract_findings(contract: Contract) -> Iterator[Finding]:
    for rule in RULES:
        if rule.breaks(contract):
            yield _bad(rule.code, rule.message(contract), rule.remedy)
    for wrong in wrong_custom(contract):
        yield _bad(*wrong)


def _event_findings(contract: Contract, place: int, event: Event) -> Iterator[Finding]:
    name = event.reference or f"event {place + 1}"
    amount = getattr(event, "amount_minor", None)
    if amount is not None and amount <= 0:
        yield _bad("bad-amount", f"{name}: an amount of {amount} is none.",
                   "State an amount above zero; take a mistake back by a reversal.")  # fmt: skip
    rate = getattr(event, "rate", getattr(event, "annual_rate", None))
    if rate is not None and rate < 0:
        yield _bad("negative-rate", f"{name}: the rate is below zero.", "State a rate from 0 on.")
    if event.value_date < contract.start:
        yield _bad("before-contract", f"{name} counts from {event.value_date}, before the contract "
                   f"of {contract.start}.", "Correct the day.")  # fmt: skip
    until = getattr(event, "until", None)
    if until is not None and until <= event.value_date:
        yield _bad("bad-pause", f"{name}: a pause until {until} does not begin.",
                   "State a day after its begin.")  # fmt: skip
    if isinstance(event, happened.Reage) and (
        event.instalments < 1 or event.every < 1 or event.first_due <= event.value_date
    ):
        yield _bad("bad-reage", f"{name}: new instalments need a number, a frequency and a first "
                   "due date after the day.", "Correct them.")  # fmt: skip


def _reversal_findings(events: Sequence[Event], place: int, event: Reversal) -> Iterator[Finding]:
    name = event.reference or f"event {place + 1}"
    if not 0 <= event.of < place:
        yield _bad("no-such-event", f"{name} takes back an event that was not entered before it.",
                   "Name an earlier one.")  # fmt: skip
    elif isinstance(events[event.of], Reversal):
        yield _bad("reversed-reversal", f"{name} takes back a reversal.",
                   "Enter what was taken back once more.")  # fmt: skip
    elif any(
        isinstance(other, Reversal) and (other.of, other.part) == (event.of, event.part)
        for other in events[:place]
    ):
        yield _bad("reversed-twice", f"{name} takes back what was taken back before.",
                   "Leave it out.")  # fmt: skip


def _loss_findings(events: Sequence[Event]) -> Iterator[Finding]:
    """What was taken as lost is not lost again, and nothing is lent on top of it."""
    standing = sorted(standing_events(events), key=lambda each: (each[1].value_date, each[0]))
    lost: date | None = None
    charged_off: date | None = None
    for _, event in standing:
        day = event.value_date
        if isinstance(event, Disbursement) and lost is not None:
            yield _bad("paid-out-after-loss", f"Money is paid out on {day}, and the loan was taken "
                       f"as lost on {lost}.", "Agree on a new contract.")  # fmt: skip
        if isinstance(event, ChargeOff) and charged_off is not None:
            yield _bad("charged-off-twice", f"The loan is charged off on {day}, and was on "
                       f"{charged_off}.", "Leave it out, or take the first back.")  # fmt: skip
        if isinstance(event, (ChargeOff, WriteOff)):
            lost = lost or day
        if isinstance(event, ChargeOff):
            charged_off = charged_off or day


def _bad(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, WHERE, message, remedy)
