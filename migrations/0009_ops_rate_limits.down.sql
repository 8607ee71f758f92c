DROP TABLE ops.rate_slots;
DROP TABLE ops.rate_limits;
