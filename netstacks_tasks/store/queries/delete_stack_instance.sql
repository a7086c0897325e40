-- Nothing uses it: see users_of.
DELETE FROM stack_instances WHERE id = %(id)s
