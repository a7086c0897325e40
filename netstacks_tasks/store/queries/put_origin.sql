-- The system that gave a device last is the one it comes from.
INSERT INTO device_origins AS known (device_id, source, scope, key, groups)
VALUES (%(device_id)s, %(source)s, %(scope)s, %(key)s, %(groups)s)
ON CONFLICT (device_id) DO UPDATE
SET source = EXCLUDED.source, scope = EXCLUDED.scope, key = EXCLUDED.key,
    groups = EXCLUDED.groups
WHERE (known.source, known.scope, known.key, known.groups)
   IS DISTINCT FROM (EXCLUDED.source, EXCLUDED.scope, EXCLUDED.key, EXCLUDED.groups)
