DROP TABLE feed.diamonds;
DROP TABLE feed.pricing_rules;
