-- Wait for whoever relies on it at this moment.
SELECT id FROM device_groups WHERE id = %(id)s FOR UPDATE
