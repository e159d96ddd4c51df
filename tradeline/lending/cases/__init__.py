"""Loan cases: facts of others in a closed vocabulary, replayed to the cent."""
