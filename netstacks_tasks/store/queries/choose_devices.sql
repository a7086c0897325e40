-- Devices whose name or address holds a text; names that begin with it come first.
SELECT id, name, concat_ws(', ', platform, host, site) AS note
FROM devices
WHERE strpos(lower(name), lower(%(text)s)) > 0 OR strpos(lower(host), lower(%(text)s)) > 0
ORDER BY NOT starts_with(lower(name), lower(%(text)s)), name
LIMIT %(limit)s
