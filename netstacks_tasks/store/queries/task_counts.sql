-- How the tasks stand as a whole; `late` tells whether anybody looks after the schedule.
SELECT count(*) AS tasks,
       count(*) FILTER (WHERE enabled) AS enabled,
       count(*) FILTER (WHERE newest.state IN ('failed', 'crashed')) AS failing,
       count(*) FILTER (WHERE newest.state IN ('scheduled', 'pending', 'running', 'retrying'))
           AS under_way,
       count(*) FILTER (WHERE sync_error IS NOT NULL) AS refused,
       min(sync_error) AS refusal,
       count(*) FILTER (WHERE synced_hash IS NULL AND sync_error IS NULL
                              AND updated_at < now() - interval '1 minute') AS unsynced,
       count(*) FILTER (WHERE enabled AND next_run_at < now() - interval '2 minutes') AS late
FROM tasks LEFT JOIN newest_runs AS newest ON newest.task_id = tasks.id
