DROP TABLE market.splits_asked;
DROP TABLE market.corporate_actions;
