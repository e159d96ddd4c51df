"""Forbearance: terms eased for a borrower in difficulty, and when the loan is sound again."""
