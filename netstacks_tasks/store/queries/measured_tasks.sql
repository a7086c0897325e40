-- How the tasks of each type stand, and since when Prefect lacks the oldest edit of one that
-- it does not refuse.
SELECT task_type,
       count(*) AS tasks,
       count(*) FILTER (WHERE enabled) AS enabled,
       count(*) FILTER (WHERE sync_error IS NOT NULL) AS refused,
       count(*) FILTER (WHERE enabled AND next_run_at < now() - interval '2 minutes') AS overdue,
       min(updated_at) FILTER (WHERE synced_hash IS NULL AND sync_error IS NULL) AS unsynced_since
FROM tasks
GROUP BY task_type
