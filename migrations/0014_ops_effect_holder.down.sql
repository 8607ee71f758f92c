ALTER TABLE ops.effects DROP COLUMN holder;
