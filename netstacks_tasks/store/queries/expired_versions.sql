-- The next versions by time, each with whether it is beyond count and age, and the runs whose
-- results show it, or show it as what the next one differs from. Its age begins when the next
-- one took its place. Of a removed device the name tells which belong together.
SELECT version.id, version.captured_at, version.device_id, version.device_name,
       version.destination, version.source, version.task_id,
       newer.expired,
       CASE WHEN newer.expired THEN ARRAY(
           SELECT DISTINCT run_id FROM device_results
           WHERE snapshot_id IN (version.id, newer.next_id) LIMIT %(shown)s)
       ELSE '{}' END AS shown_by
FROM (
    SELECT id, captured_at, device_id, device_name, destination, source, task_id
    FROM config_snapshots
    WHERE (captured_at, id) > (%(after_time)s, %(after_id)s::uuid) AND captured_at < %(before)s
    ORDER BY captured_at, id LIMIT %(limit)s
) AS version
LEFT JOIN unnest(%(tasks)s::uuid[], %(kept)s::int[], %(befores)s::timestamptz[])
    AS own (task_id, kept, before) ON own.task_id = version.task_id
CROSS JOIN LATERAL (
    SELECT COALESCE(own.kept, %(default_kept)s) AS kept,
           COALESCE(own.before, %(default_before)s) AS before
) AS policy
CROSS JOIN LATERAL (
    SELECT count(*) = policy.kept AND min(captured_at) < policy.before AS expired,
           (array_agg(id ORDER BY captured_at, id))[1] AS next_id
    FROM (
        (SELECT id, captured_at FROM config_snapshots AS other
         WHERE other.device_id = version.device_id AND other.destination = version.destination
           AND other.source = version.source
           AND (other.captured_at, other.id) > (version.captured_at, version.id)
         ORDER BY captured_at, id LIMIT policy.kept)
        UNION ALL
        (SELECT id, captured_at FROM config_snapshots AS other
         WHERE version.device_id IS NULL AND other.device_id IS NULL
           AND other.device_name = version.device_name
           AND other.destination = version.destination AND other.source = version.source
           AND (other.captured_at, other.id) > (version.captured_at, version.id)
         ORDER BY captured_at, id LIMIT policy.kept)
    ) AS following
) AS newer
ORDER BY version.captured_at, version.id
