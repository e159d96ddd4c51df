"""Whose an account is, where several lenders share what is booked.

The lender stands at the end of an account's code, `loans receivable/CNY@north`. So each posting
carries its lender, is sealed with it and costs no more than another; and the postings of one lender
are a book of their own. An account without a lender is the tenant's.
"""

MARK = "@"


def account_of(code: str, lender: str) -> str:
    """The code of a lender's account; the tenant's own (`""`) is the code itself."""
    return f"{code}{MARK}{lender}" if lender else code


def lender_of(account: str) -> str:
    """The lender whose account it is, `""` for the tenant."""
    return account.partition(MARK)[2]


def names_a_lender(account: str) -> bool:
    """Whether a code has no mark, or one between the account and a lender."""
    code, mark, lender = account.partition(MARK)
    return not mark or (bool(code and lender) and MARK not in lender)
