-- Nothing uses it: see users_of.
DELETE FROM devices WHERE id = %(id)s
