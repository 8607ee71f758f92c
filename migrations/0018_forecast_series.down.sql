DROP TABLE forecast.holidays;
DROP TABLE forecast.observation_changes;
DROP TABLE forecast.observations_daily;
DROP TABLE forecast.series;
DROP SCHEMA forecast;
