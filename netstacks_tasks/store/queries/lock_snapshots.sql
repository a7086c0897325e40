-- One capture at a time per device, destination and source.
SELECT pg_advisory_xact_lock(hashtextextended(%(series)s, 1))
