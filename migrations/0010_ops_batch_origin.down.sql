DROP TABLE ops.batch_origin;
