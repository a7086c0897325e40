-- Deleted tasks whose deployment is still to be removed.
SELECT task_id, deployment_id FROM deleted_tasks ORDER BY task_id
