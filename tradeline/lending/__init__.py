"""Loans: contracts, schedules, money moved and owed. Rules are pure; flows stand at the edge."""
