-- Tasks with a text in their name, and the names of deleted ones of which there are still
-- runs: these names are read one after the other from the index, not run by run.
WITH RECURSIVE deleted AS (
    SELECT min(task_name) AS name FROM task_runs WHERE task_id IS NULL
    UNION ALL
    SELECT (SELECT min(task_name) FROM task_runs
            WHERE task_id IS NULL AND task_name > deleted.name)
    FROM deleted WHERE deleted.name IS NOT NULL
)
SELECT id, name FROM tasks WHERE strpos(lower(name), lower(%(task)s)) > 0
UNION ALL
SELECT NULL, name FROM deleted WHERE strpos(lower(name), lower(%(task)s)) > 0
LIMIT %(limit)s
