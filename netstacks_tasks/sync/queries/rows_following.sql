-- Rows in the order of their ids, a few at a time.
SELECT id, name, task_type, cron_expression, timezone, enabled, max_retries,
       retry_delay_seconds, timeout_seconds, revision, deployment_id, synced_hash
FROM tasks
WHERE id > %(after)s
ORDER BY id
LIMIT %(limit)s
