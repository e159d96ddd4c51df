"""When things fall due: parts of a year, due dates, business days."""
