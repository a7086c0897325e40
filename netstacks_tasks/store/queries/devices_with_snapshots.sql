-- Devices that have versions, by name; a removed one too.
SELECT device_name, (array_agg(platform ORDER BY captured_at DESC))[1] AS platform,
       array_agg(DISTINCT destination ORDER BY destination) AS destinations,
       count(*) AS versions, max(captured_at) AS newest
FROM config_snapshots
WHERE strpos(lower(device_name), lower(%(text)s)) > 0 AND device_name > %(after)s
GROUP BY device_name ORDER BY device_name LIMIT %(limit)s
