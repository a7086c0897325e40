-- The version before one and the one after it, of the same device, destination and source.
WITH series AS (
    SELECT s.id, s.captured_at, one.captured_at AS at, one.id AS own
    FROM config_snapshots one
    JOIN config_snapshots s ON s.destination = one.destination AND s.source = one.source
        AND s.device_id IS NOT DISTINCT FROM one.device_id
        AND (one.device_id IS NOT NULL OR s.device_name = one.device_name)
    WHERE one.id = %(id)s
)
SELECT (SELECT id FROM series WHERE (captured_at, id) < (at, own)
        ORDER BY captured_at DESC, id DESC LIMIT 1),
       (SELECT id FROM series WHERE (captured_at, id) > (at, own)
        ORDER BY captured_at, id LIMIT 1)
