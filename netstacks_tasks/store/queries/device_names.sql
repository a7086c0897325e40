-- What the devices are called now.
SELECT id, name FROM devices
