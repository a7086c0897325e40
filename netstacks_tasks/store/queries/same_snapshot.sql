-- The newest version, if it is the same.
SELECT id FROM (
    SELECT id, sha256 FROM config_snapshots
    WHERE device_id = %(device_id)s AND destination = %(destination)s AND source = %(source)s
    ORDER BY captured_at DESC, id DESC LIMIT 1
) AS newest
WHERE sha256 = %(sha256)s
