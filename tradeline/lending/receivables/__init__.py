"""Invoices financed before they are paid, and the register that no document passes twice."""
