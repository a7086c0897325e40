-- The same deployments under other surroundings.
UPDATE tasks SET synced_hash = stamp.new
FROM unnest(%(ids)s::uuid[], %(old)s::text[], %(new)s::text[]) AS stamp (id, old, new)
WHERE tasks.id = stamp.id AND tasks.synced_hash = stamp.old
