-- Nothing uses it: see users_of.
DELETE FROM device_groups WHERE id = %(id)s
