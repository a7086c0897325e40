-- Wait for whoever relies on it at this moment.
SELECT id FROM scripts WHERE id = %(id)s FOR UPDATE
