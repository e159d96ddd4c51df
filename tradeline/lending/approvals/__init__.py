"""Maker and checker: what one person proposes and another must approve before it is entered."""
