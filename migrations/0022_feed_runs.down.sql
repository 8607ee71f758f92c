DROP TABLE feed.watermarks;
DROP TABLE feed.raw_diamonds_nivoda;
DROP TABLE feed.pages;
DROP TABLE feed.worker_runs;
DROP TABLE feed.partition_progress;
DROP TABLE feed.run_metadata;
DROP SCHEMA feed;
