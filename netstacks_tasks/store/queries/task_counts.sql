-- How the tasks stand as a whole; `late` tells whether anybody looks after the schedule.
SELECT count(*) AS tasks,
       count(*) FILTER (WHERE enabled) AS enabled,
       count(*) FILTER (WHERE last_status IN ('failed', 'crashed')) AS failing,
       count(*) FILTER (WHERE last_status IN ('running', 'retrying')) AS running,
       count(*) FILTER (WHERE sync_error IS NOT NULL) AS refused,
       min(sync_error) AS refusal,
       count(*) FILTER (WHERE synced_hash IS NULL AND sync_error IS NULL
                              AND updated_at < now() - interval '1 minute') AS unsynced,
       count(*) FILTER (WHERE enabled AND next_run_at < now() - interval '2 minutes') AS late
FROM tasks
