-- Wait for whoever relies on it at this moment.
SELECT id FROM credentials WHERE id = %(id)s FOR UPDATE
