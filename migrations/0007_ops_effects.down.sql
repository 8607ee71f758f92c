DROP TABLE ops.effects;
