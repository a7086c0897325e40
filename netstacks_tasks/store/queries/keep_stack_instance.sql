-- Found, and not deleted until the transaction ends.
SELECT name FROM stack_instances WHERE id = %(id)s FOR KEY SHARE
