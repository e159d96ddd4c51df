"""From features to a score with reasons: bins, weights, points, PD, grade."""
