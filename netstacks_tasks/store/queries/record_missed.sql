-- A time that passed without a run; once per task and time.
INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state, scheduled_for,
                       ended_at, message)
SELECT %(id)s, id, name, task_type, 'schedule', 'missed', %(scheduled_for)s, now(), %(message)s
FROM tasks WHERE id = %(task_id)s
ON CONFLICT (task_id, scheduled_for) WHERE state = 'missed' DO NOTHING
