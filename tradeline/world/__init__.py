"""The simulated market: seeded, believable, its truth known."""
