-- Which other session holds an advisory lock; its 64 bits are shown in two halves.
SELECT COALESCE(activity.application_name, ''), locks.pid
FROM pg_locks AS locks LEFT JOIN pg_stat_activity AS activity USING (pid)
WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
  AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((locks.classid::bigint << 32) | locks.objid::bigint) = %(key)s::bigint
  AND locks.pid <> pg_backend_pid()
