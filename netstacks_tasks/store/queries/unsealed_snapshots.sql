-- Some versions after an id that were not sealed with the present key.
SELECT id, platform, content, sealed FROM config_snapshots
WHERE id > %(after)s
  AND (sealed IS NULL OR substring(sealed FROM 1 FOR length(%(mark)s::bytea)) <> %(mark)s::bytea)
ORDER BY id LIMIT %(limit)s
FOR NO KEY UPDATE
