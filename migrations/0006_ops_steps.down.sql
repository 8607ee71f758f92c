DROP TABLE ops.steps;
