-- What changes when an older state of the database takes its place.
SELECT pg_relation_filenode('tasks')::bigint AS file,
       left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS timeline,
       (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS position
