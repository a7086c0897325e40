-- Why devices failed in some runs, each attempt by itself.
SELECT task_type, stage, cause, count(*) AS failures
FROM task_runs JOIN device_results ON device_results.run_id = task_runs.id
WHERE task_runs.id = ANY(%(ids)s) AND NOT ok
GROUP BY task_type, stage, cause
