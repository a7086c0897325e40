-- Nothing uses it: see users_of.
DELETE FROM scripts WHERE id = %(id)s
