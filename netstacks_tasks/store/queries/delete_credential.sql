-- Nothing uses it: see users_of.
DELETE FROM credentials WHERE id = %(id)s
