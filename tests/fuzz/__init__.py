"""Input that nobody meant well: what reads it may refuse it, and do nothing else."""
