-- Does the session live?
SELECT 1
