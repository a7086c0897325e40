-- Wait for whoever relies on it at this moment.
SELECT id FROM stacks WHERE id = %(id)s FOR UPDATE
