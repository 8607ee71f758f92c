DROP VIEW forecast.current;
DROP TABLE forecast.scores;
DROP TABLE forecast.prediction_totals;
DROP TABLE forecast.prediction_history;
DROP TABLE forecast.predictions_daily;
