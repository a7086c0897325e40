-- Which installation this database is.
SELECT id FROM installation
