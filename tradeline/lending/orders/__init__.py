"""Signed orders financed as they are fulfilled, until an invoice takes over."""
