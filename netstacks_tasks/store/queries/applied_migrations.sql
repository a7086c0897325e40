-- Which migrations this database has had, and their texts' checksums.
SELECT version, checksum FROM schema_migrations ORDER BY version
