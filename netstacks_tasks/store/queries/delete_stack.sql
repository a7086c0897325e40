-- Nothing uses it: see users_of.
DELETE FROM stacks WHERE id = %(id)s
