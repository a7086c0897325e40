-- Another text was seen of some versions: it says the same.
UPDATE config_snapshots SET seen_sha256 = found.seen
FROM unnest(%(ids)s::uuid[], %(seen)s::text[]) AS found (id, seen)
WHERE config_snapshots.id = found.id
