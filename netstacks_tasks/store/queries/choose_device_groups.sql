-- Groups whose name holds a text, with how many devices each has; names that begin with it first.
SELECT id, name,
       (SELECT count(*) FROM device_group_members WHERE group_id = device_groups.id)
       || ' devices' AS note
FROM device_groups
WHERE strpos(lower(name), lower(%(text)s)) > 0
ORDER BY NOT starts_with(lower(name), lower(%(text)s)), name
LIMIT %(limit)s
