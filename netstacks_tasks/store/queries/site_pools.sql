-- Sites, by name: those of devices and those that have a work pool.
SELECT name, site_pools.work_pool, COALESCE(counted.devices, 0) AS devices
FROM site_pools FULL JOIN (
    SELECT site AS name, count(*) AS devices FROM devices WHERE site IS NOT NULL GROUP BY site
) AS counted USING (name)
ORDER BY name
