-- Deployments known to be ours by our own record, whatever their tags say now.
SELECT deployment_id, id AS task_id FROM tasks WHERE deployment_id IS NOT NULL
UNION ALL
SELECT deployment_id, task_id FROM deleted_tasks WHERE deployment_id IS NOT NULL
