-- Which of some deployments are ours by our own record, whatever their tags say now.
SELECT deployment_id, id AS task_id FROM tasks WHERE deployment_id = ANY (%(ids)s)
UNION ALL
SELECT deployment_id, task_id FROM deleted_tasks WHERE deployment_id = ANY (%(ids)s)
