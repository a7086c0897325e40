-- The newest version of each of some devices and sources, in that order.
SELECT newest.id, newest.sha256, newest.run_id, newest.seen_sha256
FROM unnest(%(devices)s::uuid[], %(sources)s::text[]) WITH ORDINALITY AS wanted (device, source, at)
LEFT JOIN LATERAL (
    SELECT id, sha256, run_id, seen_sha256 FROM config_snapshots
    WHERE device_id = wanted.device AND destination = %(destination)s
      AND source = wanted.source
    ORDER BY captured_at DESC, id DESC LIMIT 1
) AS newest ON true
ORDER BY wanted.at
