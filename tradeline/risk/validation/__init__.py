"""How far a score can be trusted: figures with intervals, suspicious features, a plain peer."""
