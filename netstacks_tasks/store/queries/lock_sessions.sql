-- The advisory locks held by the sessions of runs.
SELECT activity.application_name,
       array_agg((locks.classid::bigint << 32) | locks.objid::bigint) AS keys
FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
  AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND activity.application_name LIKE %(name)s
GROUP BY activity.pid, activity.application_name
