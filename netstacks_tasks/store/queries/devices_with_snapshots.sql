-- Devices that have versions, by name; a removed one too. The names are read one after
-- the other from the index, and the versions of no more than a page of devices.
WITH RECURSIVE named AS (
    SELECT min(device_name) AS name FROM config_snapshots WHERE device_name > %(after)s
    UNION ALL
    SELECT (SELECT min(device_name) FROM config_snapshots WHERE device_name > named.name)
    FROM named WHERE named.name IS NOT NULL
), page AS (
    SELECT name FROM named WHERE strpos(lower(name), lower(%(text)s)) > 0 LIMIT %(limit)s
)
SELECT name AS device_name, versions.*
FROM page CROSS JOIN LATERAL (
    SELECT (array_agg(platform ORDER BY captured_at DESC))[1] AS platform,
           array_agg(DISTINCT destination ORDER BY destination) AS destinations,
           count(*) AS versions, max(captured_at) AS newest
    FROM config_snapshots WHERE device_name = page.name
) AS versions
ORDER BY name
