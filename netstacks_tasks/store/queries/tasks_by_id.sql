-- Some tasks, in the order of these ids.
SELECT tasks.*
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS page (id, place)
JOIN tasks ON tasks.id = page.id
ORDER BY place
