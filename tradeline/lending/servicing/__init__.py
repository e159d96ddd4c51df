"""Loans as they are kept: contract and events are saved, what follows is booked."""
