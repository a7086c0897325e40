-- A device of a group, which stays in it until the transaction ends.
SELECT device_id FROM device_group_members WHERE group_id = %(id)s LIMIT 1 FOR KEY SHARE
