-- One migration at a time per database; released when the session ends.
SELECT pg_advisory_lock(hashtextextended('netstacks migrations', 0))
