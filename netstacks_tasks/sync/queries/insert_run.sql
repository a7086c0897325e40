-- A run seen for the first time; nothing when its task is unknown or it is there.
INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state, scheduled_for,
                       started_at, ended_at, attempts, message)
SELECT %(id)s, id, name, task_type, %(trigger)s, %(state)s, %(scheduled_for)s,
       %(started_at)s, %(ended_at)s, %(attempts)s, %(message)s
FROM tasks WHERE id = %(task_id)s
ON CONFLICT DO NOTHING
RETURNING task_id
