"""What secures a loan: its value, its rank, and what it does to the loss."""
