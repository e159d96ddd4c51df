"""Revolving lines: a limit that is drawn, repaid and drawn again."""
