ALTER TABLE jobs.forecast_jobs DROP COLUMN told_epoch;
DROP TABLE forecast.notices;
DROP TABLE forecast.drifts;
DROP TABLE forecast.score_marks;
