-- The rows of some tasks.
SELECT id, name, task_type, cron_expression, timezone, enabled, max_retries,
       retry_delay_seconds, timeout_seconds, revision, deployment_id, synced_hash,
       task_pools.work_pool AS site_pool, placed_tasks.work_pool AS placed_pool
FROM tasks LEFT JOIN task_pools ON task_pools.task_id = tasks.id
           LEFT JOIN placed_tasks ON placed_tasks.task_id = tasks.id
WHERE id = ANY (%(ids)s)
ORDER BY id
