-- The version before one and the one after it, of the same device, destination and source.
SELECT CASE WHEN one.device_id IS NOT NULL THEN (
           SELECT id FROM config_snapshots
           WHERE device_id = one.device_id AND destination = one.destination
             AND source = one.source AND (captured_at, id) < (one.captured_at, one.id)
           ORDER BY captured_at DESC, id DESC LIMIT 1)
       ELSE (
           SELECT id FROM config_snapshots
           WHERE device_id IS NULL AND device_name = one.device_name
             AND destination = one.destination
             AND source = one.source AND (captured_at, id) < (one.captured_at, one.id)
           ORDER BY captured_at DESC, id DESC LIMIT 1) END,
       CASE WHEN one.device_id IS NOT NULL THEN (
           SELECT id FROM config_snapshots
           WHERE device_id = one.device_id AND destination = one.destination
             AND source = one.source AND (captured_at, id) > (one.captured_at, one.id)
           ORDER BY captured_at, id LIMIT 1)
       ELSE (
           SELECT id FROM config_snapshots
           WHERE device_id IS NULL AND device_name = one.device_name
             AND destination = one.destination
             AND source = one.source AND (captured_at, id) > (one.captured_at, one.id)
           ORDER BY captured_at, id LIMIT 1) END
FROM config_snapshots AS one WHERE one.id = %(id)s
