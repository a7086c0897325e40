-- Where reading of finished runs was left.
SELECT max(ended_at) AS ended_at FROM task_runs WHERE state <> 'missed'
