"""What the records say of one enterprise as of a moment: features and the credit file."""
