-- For versions that are not the first of their device, destination and source: the one before.
SELECT version.id, (
    SELECT earlier.id FROM config_snapshots AS earlier
    WHERE earlier.device_id = version.device_id AND earlier.destination = version.destination
      AND earlier.source = version.source
      AND (earlier.captured_at, earlier.id) < (version.captured_at, version.id)
    ORDER BY earlier.captured_at DESC, earlier.id DESC LIMIT 1
)
FROM config_snapshots AS version WHERE version.id = ANY(%(ids)s)
