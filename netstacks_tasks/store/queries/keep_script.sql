-- Found, and not deleted until the transaction ends.
SELECT name FROM scripts WHERE id = %(id)s FOR KEY SHARE
