-- Locks are lost when the server restarts: how long ago that was, in seconds.
SELECT extract(epoch FROM now() - pg_postmaster_start_time())::float AS seconds
