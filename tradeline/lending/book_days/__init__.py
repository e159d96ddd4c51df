"""Days of the agreements that the book holds, of every kind."""
