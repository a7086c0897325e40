-- Rows whose deployments are not as they were written: the next sync takes them up.
UPDATE tasks SET synced_hash = NULL
FROM unnest(%(ids)s::uuid[], %(hashes)s::text[]) AS seen (id, hash)
WHERE tasks.id = seen.id AND tasks.synced_hash = seen.hash
