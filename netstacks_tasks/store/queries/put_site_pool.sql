-- The work pool of a site, or another one.
INSERT INTO site_pools (name, work_pool) VALUES (%(name)s, %(work_pool)s)
ON CONFLICT (name) DO UPDATE SET work_pool = EXCLUDED.work_pool
WHERE site_pools.work_pool <> EXCLUDED.work_pool
