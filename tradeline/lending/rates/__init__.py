"""Rates of return of flows of money, each digit proven by exact arithmetic."""
