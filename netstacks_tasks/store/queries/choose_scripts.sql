-- Stored scripts by name, without their texts.
SELECT id, name, interpreter AS note FROM scripts ORDER BY name
