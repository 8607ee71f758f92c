DROP TABLE ops.runs;
