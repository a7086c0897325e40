-- Times of a task that have a row already.
SELECT scheduled_for FROM task_runs
WHERE task_id = %(id)s AND scheduled_for > %(after)s AND trigger = 'schedule'
