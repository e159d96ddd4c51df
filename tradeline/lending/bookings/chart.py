"""The chart of accounts that a lender's loans, lines, advances and financings are booked on."""

from enum import StrEnum


class AccountType(StrEnum):
    """Which side of the books an account stands on."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class Account(StrEnum):
    """Accounts by what they hold."""

    LOANS_RECEIVABLE = "loans receivable"
    INCOME_RECEIVABLE = "interest and fees receivable"
    CLEARING = "clearing"
    OVERPAYMENTS = "overpayments"
    INTEREST_INCOME = "interest income"
    FEE_INCOME = "fee and penalty income"
    CREDIT_LOSS = "credit loss"
    INTEREST_CHARGED_OFF = "interest charged off"
    FEES_CHARGED_OFF = "fees charged off"
    RECOVERIES = "recoveries"
    LOSS_ALLOWANCE = "loss allowance"
    PROVISION_EXPENSE = "provision expense"
    DEFERRED_FEES = "deferred fees"
    RESERVES = "reserves of sellers"
    SERVICING_FEES = "servicing fees"
    GUARANTEES = "first-loss guarantees"
    SALES_OF_SHARES = "sales of shares"
    SETTLEMENTS = "settlements with lenders"
    INTEREST_IN_SUSPENSE = "interest in suspense"


TYPES = {
    Account.LOANS_RECEIVABLE: AccountType.ASSET,
    Account.INCOME_RECEIVABLE: AccountType.ASSET,
    Account.CLEARING: AccountType.LIABILITY,
    Account.OVERPAYMENTS: AccountType.LIABILITY,
    Account.INTEREST_INCOME: AccountType.INCOME,
    Account.FEE_INCOME: AccountType.INCOME,
    Account.CREDIT_LOSS: AccountType.EXPENSE,
    Account.INTEREST_CHARGED_OFF: AccountType.INCOME,
    Account.FEES_CHARGED_OFF: AccountType.INCOME,
    Account.RECOVERIES: AccountType.INCOME,
    Account.LOSS_ALLOWANCE: AccountType.ASSET,
    Account.PROVISION_EXPENSE: AccountType.EXPENSE,
    Account.DEFERRED_FEES: AccountType.LIABILITY,
    Account.RESERVES: AccountType.LIABILITY,
    Account.SERVICING_FEES: AccountType.INCOME,
    Account.GUARANTEES: AccountType.EXPENSE,
    Account.SALES_OF_SHARES: AccountType.INCOME,
    Account.SETTLEMENTS: AccountType.LIABILITY,
    Account.INTEREST_IN_SUSPENSE: AccountType.INCOME,
}
# What the lenders of an agreement, and the tenant that moves their money, owe each other: it adds
# up to nothing over all of them.
AMONG_LENDERS = (
    Account.SERVICING_FEES, Account.GUARANTEES, Account.SALES_OF_SHARES, Account.SETTLEMENTS
)  # fmt: skip
# What is provided for expected losses, of any kind.
PROVIDED = (Account.LOSS_ALLOWANCE, Account.PROVISION_EXPENSE, Account.INTEREST_IN_SUSPENSE)
OF_LOANS = tuple(
    account
    for account in Account
    if account not in {*AMONG_LENDERS, Account.DEFERRED_FEES, Account.RESERVES}
)
