"""Policy as typed decision tables: read, proven, evaluated, traced, and taken into force."""
