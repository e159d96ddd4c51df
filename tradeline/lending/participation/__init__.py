"""Several lenders share a loan: who gets, owns and loses what, to the minor unit."""
