"""What was earned: evaluations, claims, awards, certificates."""
