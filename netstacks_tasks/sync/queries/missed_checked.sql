-- Times up to here are accounted for.
UPDATE tasks SET missed_checked_at = %(until)s WHERE id = ANY (%(ids)s)
