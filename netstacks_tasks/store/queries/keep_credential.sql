-- Found, and not deleted until the transaction ends.
SELECT name FROM credentials WHERE id = %(id)s FOR KEY SHARE
