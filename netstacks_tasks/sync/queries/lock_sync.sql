-- One sync at a time per database; released when the session ends.
SELECT pg_advisory_lock(hashtextextended('netstacks sync', 0))
