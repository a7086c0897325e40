-- Times of tasks that have a row already.
SELECT task_id, scheduled_for FROM task_runs
WHERE task_id = ANY (%(ids)s) AND scheduled_for >= %(start)s AND trigger = 'schedule'
