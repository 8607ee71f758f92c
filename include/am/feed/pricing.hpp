#pragma once
// What is asked for a stone: the supplier's price and a margin, which rules change. Pure but for reading and storing rules.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/decimal.hpp"
#include "am/base/result.hpp"
#include "am/feed/stone.hpp"

namespace am::feed {

/// Percent on the supplier's price, by type.
struct Margins {
  Decimal natural = 40, lab = 79, fancy = 40;
  const Decimal& of(StoneType type) const;
};

/// What is empty does not narrow. Prices are the supplier's, in dollars, both ends inclusive.
struct PricingRule {
  long long id = 0;
  int priority = 100;  ///< the lowest number wins, then the lowest id
  std::optional<StoneType> stone_type{};
  std::optional<Decimal> price_min{}, price_max{};
  Decimal margin_modifier;  ///< percent, added to the margin
  std::optional<std::string> rating{};
  bool active = true;

  bool fits(StoneType type, const Decimal& feed_price) const;
};

struct Pricing {
  Decimal price;  ///< dollars, to two places
  Decimal margin, margin_modifier;
  std::optional<long long> rule{};
  std::optional<std::string> rating{};
};

/// price = feed price × (1 + (margin + modifier) / 100), half up to cents.
/// rules: ascending by priority and id; those that are not active are passed over.
/// Errors:  Reject: margin and modifier together are below -100.
Result<Pricing> price_of(StoneType type, const Decimal& feed_price, std::span<const PricingRule> rules,
                         const Margins& margins);

/// Rules from CSV: priority, margin_modifier, and perhaps stone_type, price_min, price_max, rating, active; in any order. All
/// problems, a line each, when there is one ("rules.csv:3: …").
Result<std::vector<PricingRule>> parse_rules(std::string_view csv, std::string_view name);

}  // namespace am::feed
