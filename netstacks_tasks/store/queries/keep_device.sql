-- Found, and not deleted until the transaction ends.
SELECT name FROM devices WHERE id = %(id)s FOR KEY SHARE
