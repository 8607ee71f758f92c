DROP TABLE trading.switch;
DROP TABLE trading.cash_entries;
DROP TABLE trading.positions;
DROP TABLE trading.trades;
DROP TABLE trading.orders;
DROP TABLE trading.signals;
DROP FUNCTION trading.refuse_change();
