-- Wait for whoever relies on it at this moment.
SELECT id FROM stack_instances WHERE id = %(id)s FOR UPDATE
