DROP TABLE trading.paper_orders;
