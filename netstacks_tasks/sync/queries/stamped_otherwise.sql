-- Rows that were synced under other surroundings: there may be very many.
WITH pools AS MATERIALIZED (SELECT task_id, work_pool FROM task_pools)
SELECT id, name, task_type, cron_expression, timezone, enabled, max_retries,
       retry_delay_seconds, timeout_seconds, revision, deployment_id, synced_hash,
       pools.work_pool AS site_pool, placed_tasks.work_pool AS placed_pool
FROM tasks LEFT JOIN pools ON pools.task_id = tasks.id
           LEFT JOIN placed_tasks ON placed_tasks.task_id = tasks.id
WHERE synced_hash IS NOT NULL AND NOT starts_with(synced_hash, %(fingerprint)s)
