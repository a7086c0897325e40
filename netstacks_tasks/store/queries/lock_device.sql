-- Wait for whoever relies on it at this moment.
SELECT id FROM devices WHERE id = %(id)s FOR UPDATE
