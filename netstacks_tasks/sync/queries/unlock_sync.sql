-- The counterpart of lock_sync.
SELECT pg_advisory_unlock(hashtextextended('netstacks sync', 0))
