-- The next times of tasks, null when they are off; what became of the time
-- before is still to be looked at. An edit meanwhile has set its own.
WITH moved AS (
    UPDATE tasks SET next_run_at = following.at
    FROM unnest(%(ids)s::uuid[], %(revisions)s::bigint[], %(times)s::timestamptz[])
        AS following (id, revision, at)
    WHERE tasks.id = following.id AND tasks.revision = following.revision
    RETURNING tasks.id
)
INSERT INTO due_tasks SELECT id FROM moved
ON CONFLICT DO NOTHING
