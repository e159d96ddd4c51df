"""The changes of the ledger's tables, in order; run as `owner` by `tradeline book migrate`."""
