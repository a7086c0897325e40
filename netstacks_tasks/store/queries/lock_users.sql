-- One writer at a time: the last administrator is not taken away by two at once.
SELECT pg_advisory_xact_lock(hashtextextended('netstacks users', 0))
