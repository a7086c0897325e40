-- The rows of some tasks.
SELECT id, name, task_type, cron_expression, timezone, enabled, max_retries,
       retry_delay_seconds, timeout_seconds, revision, deployment_id, synced_hash
FROM tasks
WHERE id = ANY (%(ids)s)
ORDER BY id
