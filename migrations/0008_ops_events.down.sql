DROP TABLE ops.events;
