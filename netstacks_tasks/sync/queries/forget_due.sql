-- All times of these tasks are accounted for, unless one has passed since.
DELETE FROM due_tasks USING tasks,
    unnest(%(ids)s::uuid[], %(times)s::timestamptz[]) AS following (id, at)
WHERE due_tasks.task_id = following.id AND tasks.id = following.id
  AND tasks.next_run_at IS NOT DISTINCT FROM following.at
