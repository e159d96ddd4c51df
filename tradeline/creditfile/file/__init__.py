"""The credit file of one enterprise as its subject reads it: every figure opens to its rows."""
