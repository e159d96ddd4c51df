"""Money that moves by files of a bank: instructed, settled, returned, received, reconciled."""
