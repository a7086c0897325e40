-- Take a device out of every group but these.
DELETE FROM device_group_members WHERE device_id = %(id)s AND group_id <> ALL (%(groups)s::uuid[])
