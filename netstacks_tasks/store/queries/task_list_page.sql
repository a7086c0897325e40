-- Tasks that match; order and page follow.
SELECT tasks.id
FROM tasks LEFT JOIN newest_runs AS newest ON newest.task_id = tasks.id
WHERE (%(text)s::text IS NULL OR strpos(lower(name), lower(%(text)s)) > 0)
  AND (%(task_type)s::text IS NULL OR task_type = %(task_type)s)
  AND (%(enabled)s::boolean IS NULL OR enabled = %(enabled)s)
  AND (%(states)s::text[] IS NULL OR COALESCE(newest.state, 'never') = ANY (%(states)s))
