-- Rows never synced since their last edit, or synced under other surroundings,
-- the newest edit first; without those that failed as they are.
WITH chosen AS MATERIALIZED (
    SELECT id, name, task_type, cron_expression, timezone, enabled, max_retries,
           retry_delay_seconds, timeout_seconds, revision, deployment_id, synced_hash,
           updated_at, count(*) OVER () AS left
    FROM tasks
    WHERE (synced_hash IS NULL OR NOT starts_with(synced_hash, %(fingerprint)s))
      AND NOT EXISTS (
          SELECT FROM unnest(%(without)s::uuid[], %(revisions)s::bigint[]) AS failed (id, revision)
          WHERE failed.id = tasks.id AND failed.revision = tasks.revision)
    ORDER BY updated_at DESC, id
    LIMIT %(limit)s
)
SELECT chosen.*, task_pools.work_pool AS site_pool, placed_tasks.work_pool AS placed_pool
FROM chosen LEFT JOIN task_pools ON task_pools.task_id = chosen.id
            LEFT JOIN placed_tasks ON placed_tasks.task_id = chosen.id
ORDER BY chosen.updated_at DESC, chosen.id
