DROP TABLE jobs.forecast_jobs;
DROP SCHEMA jobs;
