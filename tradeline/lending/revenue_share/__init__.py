"""Loans repaid by a share of sales: what is expected, collected, earned and still owed."""
