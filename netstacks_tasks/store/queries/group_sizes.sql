-- How many devices each group has that has any.
SELECT group_id, count(*) FROM device_group_members GROUP BY group_id
