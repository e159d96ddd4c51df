"""Tradeline: from what a small enterprise trades to a credit decision that can be defended."""

__version__ = "0.1.0"
