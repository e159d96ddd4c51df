"""Linking any two tables: what to compare is read from the tables, the weights are learned."""
