// Pricing rules, stored; and what is there priced again by them.

#include <algorithm>

#include "am/feed/consolidate.hpp"

namespace am::feed {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_array;
using kernel::sql_value;
using kernel::sql_values;
using kernel::SqlValue;

/// The same but for its id.
bool same_rule(const PricingRule& a, const PricingRule& b) {
  return a.priority == b.priority && a.stone_type == b.stone_type && a.price_min == b.price_min &&
         a.price_max == b.price_max && a.margin_modifier == b.margin_modifier && a.rating == b.rating &&
         a.active == b.active;
}

struct Repriced {
  long long changed = 0;
  std::size_t taken = 0;
  std::string last;
};

Repriced reprice_batch(kernel::Transaction& tx, const ConsolidationOptions& options,
                       const std::string& after) {
  Repriced batch;
  const std::vector<PricingRule> rules = read_rules(tx, options.feed);
  const Rows stones = tx.query(
      "SELECT supplier_stone_id, stone_type, feed_price::text AS feed_price, price::text AS price, margin::text AS margin, "
      "margin_modifier::text AS margin_modifier, rule_id::text AS rule_id, rating FROM feed.diamonds WHERE feed = $1 AND "
      "supplier_stone_id > $2 ORDER BY supplier_stone_id LIMIT $3::integer FOR NO KEY UPDATE",
      sql_values(options.feed, after, options.batch));
  batch.taken = stones.size();
  std::vector<SqlValue> ids, prices, margins, modifiers, of_rules, ratings;
  for (const Row stone : stones) {
    batch.last = stone.text("supplier_stone_id");
    const auto type = stone_type_of(stone.text("stone_type"));
    const Result<Pricing> pricing =
        price_of(type.value_or(StoneType::natural), stone.decimal("feed_price"), rules, options.margins);
    if (!pricing) throw Error(ErrorKind::data, "stone " + batch.last + ": " + pricing.error().reason);
    const std::optional<std::string> rule =
        pricing->rule ? std::optional(std::to_string(*pricing->rule)) : std::nullopt;
    if (pricing->price == stone.decimal("price") && pricing->margin == stone.decimal("margin") &&
        pricing->margin_modifier == stone.decimal("margin_modifier") && rule == stone.maybe_text("rule_id") &&
        pricing->rating == stone.maybe_text("rating"))
      continue;
    ids.push_back(sql_value(batch.last));
    prices.push_back(sql_value(pricing->price));
    margins.push_back(sql_value(pricing->margin));
    modifiers.push_back(sql_value(pricing->margin_modifier));
    of_rules.push_back(sql_value(rule));
    ratings.push_back(sql_value(pricing->rating));
  }
  batch.changed = static_cast<long long>(ids.size());
  if (batch.changed > 0)
    tx.query(
        "UPDATE feed.diamonds d SET price = p.price, margin = p.margin, margin_modifier = p.modifier, rule_id = p.rule, rating "
        "= p.rating, updated_at = clock_timestamp() FROM unnest($2::text[], $3::numeric[], $4::numeric[], $5::numeric[], "
        "$6::bigint[], $7::text[]) AS p(id, price, margin, modifier, rule, rating) WHERE d.feed = $1 AND d.supplier_stone_id = "
        "p.id",
        sql_values(options.feed, sql_array(ids), sql_array(prices), sql_array(margins), sql_array(modifiers),
                   sql_array(of_rules), sql_array(ratings)));
  return batch;
}

}  // namespace

std::vector<PricingRule> read_rules(kernel::Sql& sql, const std::string& feed) {
  const Rows rows = sql.query(
      "SELECT id, priority, stone_type, price_min::text AS price_min, price_max::text AS price_max, margin_modifier::text AS "
      "margin_modifier, rating, active FROM feed.pricing_rules WHERE feed = $1 ORDER BY priority, id",
      sql_values(feed));
  std::vector<PricingRule> all;
  for (const Row row : rows) {
    all.push_back(
        {.id = row.integer("id"),
         .priority = static_cast<int>(row.integer("priority")),
         .stone_type = row.is_null("stone_type") ? std::nullopt : stone_type_of(row.text("stone_type")),
         .price_min = row.maybe_decimal("price_min"),
         .price_max = row.maybe_decimal("price_max"),
         .margin_modifier = row.decimal("margin_modifier"),
         .rating = row.maybe_text("rating"),
         .active = row.boolean("active")});
  }
  return all;
}

RuleCounts store_rules(kernel::Transaction& tx, const std::string& feed, std::span<const PricingRule> rules) {
  tx.query("LOCK TABLE feed.pricing_rules IN SHARE ROW EXCLUSIVE MODE");
  std::vector<PricingRule> there = read_rules(tx, feed);
  RuleCounts counts;
  for (const PricingRule& rule : rules) {
    const auto same =
        std::ranges::find_if(there, [&](const PricingRule& each) { return same_rule(each, rule); });
    if (same != there.end()) {
      ++counts.same;
      there.erase(same);
      continue;
    }
    ++counts.added;
    const std::optional<std::string> type =
        rule.stone_type ? std::optional(std::string(stone_type_name(*rule.stone_type))) : std::nullopt;
    tx.query(
        "INSERT INTO feed.pricing_rules (feed, priority, stone_type, price_min, price_max, margin_modifier, rating, active, "
        "created_at, updated_at) VALUES ($1, $2::integer, $3, $4::numeric, $5::numeric, $6::numeric, $7, $8::boolean, "
        "clock_timestamp(), clock_timestamp())",
        sql_values(feed, rule.priority, type, rule.price_min, rule.price_max, rule.margin_modifier,
                   rule.rating, rule.active));
  }
  for (const PricingRule& rule : there) {
    if (!rule.active) continue;
    ++counts.retired;
    tx.query(
        "UPDATE feed.pricing_rules SET active = false, updated_at = clock_timestamp() WHERE id = $1::bigint",
        sql_values(rule.id));
  }
  return counts;
}

long long reprice(kernel::Db& db, const ConsolidationOptions& options, const std::function<void()>& between) {
  long long changed = 0;
  std::string after;
  for (;;) {
    between();
    Repriced batch;
    db.transact([&](kernel::Transaction& tx) { batch = reprice_batch(tx, options, after); });
    changed += batch.changed;
    if (batch.taken == 0) return changed;
    after = batch.last;
  }
}

}  // namespace am::feed
