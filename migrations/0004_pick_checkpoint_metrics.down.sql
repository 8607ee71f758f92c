DROP TABLE pick_checkpoint_metrics;
