-- One at a time applies the policy; the lock ends with the session.
SELECT pg_try_advisory_lock(hashtextextended('netstacks retention', 0))
