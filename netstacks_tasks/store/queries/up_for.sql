-- Locks are lost when the server restarts: who held one takes it again first.
SELECT now() - pg_postmaster_start_time() >= make_interval(secs => %(seconds)s)
