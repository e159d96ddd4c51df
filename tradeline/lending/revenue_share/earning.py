"""How much of the fee is earned by what has been received.

The fee is earned by money, not by time: a day without sales earns nothing and puts the end off; a
lump sum earns at once what the payments that it stands for would have earned.
"""

from dataclasses import dataclass

from tradeline.lending.revenue_share.plan import FINE, Plan, halves_to_even


@dataclass(frozen=True, slots=True)
class Earning:
    """The fee earned after each payment of a plan, none included, in parts of 10**-20."""

    plan: Plan
    after: tuple[int, ...]

    def fine(self, received_minor: int) -> int:
        """The fee earned once so much has been received in all.

        A payment received in part earns its part. What is beyond the plan earns nothing more.
        """
        plan, received = self.plan, received_minor * FINE
        payment = plan.payment_minor * FINE
        paid = min(received // payment, plan.number - 1)
        if paid == plan.number - 1:
            payment = plan.last_payment_fine
        into = min(received - paid * plan.payment_minor * FINE, payment)
        step = self.after[paid + 1] - self.after[paid]
        return self.after[paid] + halves_to_even(step * into, payment)


def earning(plan: Plan) -> Earning:
    """What a plan earns when it is paid off payment by payment, the last one taking the rest."""
    balance, earned = plan.advance_fine, [0]
    for _ in range(plan.number - 1):
        interest = plan.interest_fine(balance)
        balance += interest - plan.payment_minor * FINE
        earned.append(min(earned[-1] + interest, plan.fee_fine))
    return Earning(plan, (*earned, plan.fee_fine))
