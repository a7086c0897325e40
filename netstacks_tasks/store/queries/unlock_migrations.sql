-- The counterpart of lock_migrations.
SELECT pg_advisory_unlock(hashtextextended('netstacks migrations', 0))
