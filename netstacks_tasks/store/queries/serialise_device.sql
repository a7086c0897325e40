-- Keep a device, and others from what is kept per device, until the transaction ends.
SELECT id FROM devices WHERE id = %(id)s FOR NO KEY UPDATE
