"""An existing portfolio with its history, held against its balances before it is taken in."""
