"""The ledger of a lender: double entry that only grows, sealed, and verified. Knows no loans."""
