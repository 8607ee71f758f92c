#include "am/feed/pricing.hpp"

#include <algorithm>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"

namespace am::feed {

namespace {

constexpr std::string_view kRuleColumns[] = {"priority",        "stone_type", "price_min", "price_max",
                                             "margin_modifier", "rating",     "active"};
constexpr std::size_t kLongestRating = 40;

/// What of a cent is a half or more makes it one more. value: not negative.
Decimal to_cents_half_up(const Decimal& value) {
  // Truncated as text: adding half a cent has made it right, and half-even rounding would not.
  const std::string text = (value + Decimal::of("0.005")).to_string();
  const std::size_t point = text.find('.');
  return Decimal::of(text.substr(0, std::min(text.size(), point + 3)));
}

/// Reads one rule's fields; what is wrong goes to `problems`.
class RuleReader {
 public:
  RuleReader(const CsvTable& table, std::string_view name) : table_(table), name_(name) {}

  PricingRule rule(std::size_t row) {
    row_ = row;
    PricingRule rule;
    if (const auto priority = parse_integer(field("priority"), 0, 1'000'000); priority) {
      rule.priority = static_cast<int>(*priority);
    } else {
      refuse("priority", "a whole number from 0 on");
    }
    const std::string& type = field("stone_type");
    rule.stone_type = stone_type_of(type);
    if (!type.empty() && !rule.stone_type) refuse("stone_type", "natural, lab, fancy or nothing");
    rule.price_min = price("price_min");
    rule.price_max = price("price_max");
    if (rule.price_min && rule.price_max && *rule.price_max < *rule.price_min)
      refuse("price_max", "a price not below price_min");
    const auto modifier = Decimal::parse(field("margin_modifier"));
    if (modifier && *modifier >= Decimal(-100) && *modifier <= Decimal(1000) && fits_places(*modifier, 3)) {
      rule.margin_modifier = *modifier;
    } else {
      refuse("margin_modifier", "percent from -100 to 1000, with 3 places at most");
    }
    if (const std::string& rating = field("rating"); !rating.empty()) {
      if (rating.size() > kLongestRating || !is_printable(rating))
        refuse("rating", "40 printable bytes at most");
      rule.rating = rating;
    }
    const std::string active = to_lower(field("active"));
    if (active != "" && active != "true" && active != "false") refuse("active", "true, false or nothing");
    rule.active = active != "false";
    return rule;
  }

  const std::vector<std::string>& problems() const { return problems_; }

 private:
  /// The place of a column; that of none: kNone.
  std::size_t column(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::find(table_.header, name) - table_.header.begin());
  }
  const std::string& field(std::string_view name) const {
    static const std::string kNothing;
    const std::size_t at = column(name);
    return at < table_.header.size() ? table_.rows[row_][at] : kNothing;
  }
  static bool fits_places(const Decimal& value, int places) {
    return Decimal::of(value.to_fixed(places)) == value;
  }
  std::optional<Decimal> price(std::string_view name) {
    const std::string& text = field(name);
    if (text.empty()) return std::nullopt;
    const auto value = Decimal::parse(text);
    if (!value || value->is_negative() || *value > Decimal(1'000'000'000) || !fits_places(*value, 2))
      refuse(name, "dollars, with 2 places at most");
    return value;
  }
  void refuse(std::string_view name, std::string_view expected) {
    problems_.push_back(std::string(name_) + ":" + std::to_string(table_.lines[row_]) + ": " +
                        std::string(name) + ": expected " + std::string(expected) + ", got " +
                        shown(field(name)));
  }

  const CsvTable& table_;
  std::string_view name_;
  std::size_t row_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace

const Decimal& Margins::of(StoneType type) const {
  switch (type) {
    case StoneType::lab:
      return lab;
    case StoneType::fancy:
      return fancy;
    case StoneType::natural:
      break;
  }
  return natural;
}

bool PricingRule::fits(StoneType type, const Decimal& feed_price) const {
  return active && (!stone_type || *stone_type == type) && (!price_min || *price_min <= feed_price) &&
         (!price_max || feed_price <= *price_max);
}

Result<Pricing> price_of(StoneType type, const Decimal& feed_price, std::span<const PricingRule> rules,
                         const Margins& margins) {
  Pricing pricing;
  pricing.margin = margins.of(type);
  const auto rule =
      std::ranges::find_if(rules, [&](const PricingRule& each) { return each.fits(type, feed_price); });
  if (rule != rules.end()) {
    pricing.margin_modifier = rule->margin_modifier;
    pricing.rule = rule->id;
    pricing.rating = rule->rating;
  }
  const Decimal percent = pricing.margin + pricing.margin_modifier;
  if (percent < Decimal(-100))
    return Reject{"price: margin and modifier together are " + percent.to_string() + " percent, below -100"};
  pricing.price = to_cents_half_up(feed_price * (Decimal(100) + percent) / Decimal(100));
  return pricing;
}

Result<std::vector<PricingRule>> parse_rules(std::string_view csv, std::string_view name) {
  const Result<CsvTable> table = parse_csv(csv);
  if (!table) return Reject{std::string(name) + ": " + table.error().reason};
  std::vector<std::string> problems;
  for (const std::string& column : table->header) {
    if (std::ranges::find(kRuleColumns, column) == std::end(kRuleColumns))
      problems.push_back(std::string(name) + ":1: unknown column " + shown(column));
  }
  for (const std::string_view needed : {"priority", "margin_modifier"}) {
    if (std::ranges::find(table->header, needed) == table->header.end())
      problems.push_back(std::string(name) + ":1: no column " + std::string(needed));
  }
  if (!problems.empty()) return Reject{join(problems, "\n")};
  RuleReader reader(*table, name);
  std::vector<PricingRule> rules;
  for (std::size_t row = 0; row < table->rows.size(); ++row) rules.push_back(reader.rule(row));
  if (!reader.problems().empty()) return Reject{join(reader.problems(), "\n")};
  return rules;
}

}  // namespace am::feed
