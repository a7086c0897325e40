-- Found, and not deleted until the transaction ends.
SELECT name FROM device_groups WHERE id = %(id)s FOR KEY SHARE
