-- Deleted tasks whose deployment is still to be removed, without some.
SELECT task_id, deployment_id FROM deleted_tasks
WHERE task_id <> ALL (%(without)s::uuid[])
ORDER BY task_id
LIMIT %(limit)s
