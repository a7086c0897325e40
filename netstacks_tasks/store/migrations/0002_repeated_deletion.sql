-- A task may be made again under its old id and deleted once more before the
-- sync has removed its first deployment.
CREATE OR REPLACE FUNCTION remember_deleted_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_tasks AS earlier (task_id, name, task_type, deployment_id)
    VALUES (OLD.id, OLD.name, OLD.task_type, OLD.deployment_id)
    ON CONFLICT (task_id) DO UPDATE
    SET name = EXCLUDED.name, task_type = EXCLUDED.task_type, deleted_at = now(),
        deployment_id = COALESCE(EXCLUDED.deployment_id, earlier.deployment_id);
    RETURN NULL;
END
$$;
