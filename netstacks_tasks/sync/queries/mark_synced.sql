-- A row edited since it was read keeps no hash, so that the next sync takes it up.
WITH placed AS (
    INSERT INTO placed_tasks (task_id, work_pool)
    SELECT id, %(site_pool)s FROM tasks WHERE id = %(id)s AND %(site_pool)s::text IS NOT NULL
    ON CONFLICT (task_id) DO UPDATE SET work_pool = EXCLUDED.work_pool
), left_it AS (
    DELETE FROM placed_tasks WHERE task_id = %(id)s AND %(site_pool)s::text IS NULL
)
UPDATE tasks
SET deployment_id = %(deployment_id)s,
    synced_hash = CASE WHEN revision = %(revision)s THEN %(hash)s END,
    synced_at = now(),
    sync_error = NULL
WHERE id = %(id)s
