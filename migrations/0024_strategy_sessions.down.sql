DROP TABLE trading.sessions;
DROP TABLE trading.strategies;
DROP TABLE trading.users;
DROP SCHEMA trading;
DROP TABLE market.bars;
