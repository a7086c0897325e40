-- Rows that were synced under other surroundings.
SELECT id, name, task_type, cron_expression, timezone, enabled, max_retries,
       retry_delay_seconds, timeout_seconds, revision, deployment_id, synced_hash
FROM tasks
WHERE synced_hash IS NOT NULL AND NOT starts_with(synced_hash, %(fingerprint)s)
