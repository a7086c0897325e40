-- It tells all that has gone so far: with every portion, in the same transaction.
UPDATE audit_log SET changes = %(removed)s WHERE id = %(id)s
