"""Quality as a measured thing: timeliness, completeness, consistency, accuracy of a firm's data."""
