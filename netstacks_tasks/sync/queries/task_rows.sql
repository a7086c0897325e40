-- What of the tasks' rows reaches Prefect. Without `all`: rows that were never
-- synced since their last edit, and the rows asked for by id.
SELECT id, name, task_type, cron_expression, timezone, enabled, max_retries,
       retry_delay_seconds, timeout_seconds, revision, deployment_id, synced_hash
FROM tasks
WHERE %(all)s OR synced_hash IS NULL OR sync_error IS NOT NULL OR id = ANY (%(ids)s)
ORDER BY id
