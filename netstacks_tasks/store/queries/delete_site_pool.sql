-- Its tasks run in the default pool from now on.
DELETE FROM site_pools WHERE name = %(name)s
