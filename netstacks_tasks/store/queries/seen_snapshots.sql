-- Of some devices and sources, in that order, the newest version, and whether just this text was
-- seen of it last.
SELECT newest.id, newest.run_id, newest.line_count, newest.sealed,
       newest.seen_sha256 = wanted.seen AS same
FROM unnest(%(devices)s::uuid[], %(sources)s::text[], %(seen)s::text[])
    WITH ORDINALITY AS wanted (device, source, seen, at)
LEFT JOIN LATERAL (
    SELECT id, run_id, line_count, seen_sha256, sealed IS NOT NULL AS sealed FROM config_snapshots
    WHERE device_id = wanted.device AND destination = %(destination)s
      AND source = wanted.source
    ORDER BY captured_at DESC, id DESC LIMIT 1
) AS newest ON true
ORDER BY wanted.at
