-- Take an advisory lock for the session, if it is free.
SELECT pg_try_advisory_lock(%(key)s)
