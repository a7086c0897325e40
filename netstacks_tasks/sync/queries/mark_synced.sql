-- A row edited since it was read keeps no hash, so that the next sync takes it up.
UPDATE tasks
SET deployment_id = %(deployment_id)s,
    synced_hash = CASE WHEN revision = %(revision)s THEN %(hash)s END,
    synced_at = now(),
    sync_error = NULL
WHERE id = %(id)s
