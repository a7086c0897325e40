-- A time that passed and that nothing will run any more; once per task and time.
INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state, scheduled_for,
                       ended_at, message)
SELECT gen_random_uuid(), id, name, task_type, 'schedule', 'missed', %(scheduled_for)s, now(),
       %(message)s
FROM tasks WHERE id = %(id)s
ON CONFLICT (task_id, scheduled_for) WHERE state = 'missed' DO NOTHING
