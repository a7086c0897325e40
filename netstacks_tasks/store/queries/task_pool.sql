-- The pool of the site where all devices of a task are; no row: the default one.
SELECT work_pool FROM task_pools WHERE task_id = %(id)s
