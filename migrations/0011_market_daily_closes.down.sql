DROP TABLE market.daily_closes;
DROP SCHEMA market;
