-- A run's first row; nothing when it has one, or when there is no such task.
INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state, scheduled_for, started_at)
SELECT %(id)s, id, name, task_type, %(trigger)s,
       CASE WHEN %(started_at)s::timestamptz IS NULL THEN 'pending' ELSE 'running' END,
       %(scheduled_for)s, %(started_at)s
FROM tasks WHERE id = %(task_id)s
ON CONFLICT (id) DO NOTHING
