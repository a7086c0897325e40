-- Tasks that match a filter; order and page follow.
SELECT id FROM tasks
WHERE (%(task_type)s::text IS NULL OR task_type = %(task_type)s)
  AND (%(enabled)s::boolean IS NULL OR enabled = %(enabled)s)
  AND (%(last_status)s::text IS NULL OR last_status = %(last_status)s)
  AND (%(text)s::text IS NULL OR strpos(lower(name), lower(%(text)s)) > 0)
