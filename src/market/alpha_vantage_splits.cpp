// Alpha Vantage's SPLITS: all splits of a symbol, {"symbol": "KO", "data": [{"effective_date", "split_factor"}]}.

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "am/kernel/clock.hpp"
#include "am/market/alpha_vantage.hpp"
#include "am/market/symbol.hpp"
#include "vendor_checks.hpp"

namespace am::market {

namespace {

using Json = nlohmann::json;

/// A text, or a number as it would be written; empty: neither.
std::string field_text(const Json& record, const char* name) {
  if (!record.is_object() || !record.contains(name)) return {};
  const Json& value = record[name];
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() ? value.dump() : std::string();
}

/// The vendor rounds to four places, so that 1:3 reads 0.3333: of the whole numbers that are written so, the smallest.
Decimal exact_ratio(const Decimal& given, std::string_view text) {
  constexpr std::size_t kPlaces = 4;
  constexpr long long kLargestOld = 1000;
  constexpr long long kLargestPair = 12;
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || text.size() - point - 1 != kPlaces) return given;
  const std::string shown_as = given.to_fixed(static_cast<int>(kPlaces));
  for (long long old = 1; old <= kLargestOld; ++old) {
    const Decimal shares = Decimal::of((given * Decimal(old)).to_fixed(0));
    const bool small = shares == Decimal(1) || (old <= kLargestPair && shares <= Decimal(kLargestPair));
    if (!shares.is_positive() || !small) continue;
    const Decimal ratio = shares / Decimal(old);
    if (ratio.to_fixed(static_cast<int>(kPlaces)) == shown_as) return ratio;
  }
  return given;
}

}  // namespace

Result<std::vector<CorporateAction>> parse_splits(std::string_view body, std::string_view symbol) {
  const Json json = Json::parse(body, nullptr, false);
  const std::string name(symbol);
  if (!json.is_object()) return Reject{name + ": the answer is not a JSON object"};
  const std::string answered = field_text(json, "symbol");
  if (!answered.empty() && !is_same_share(trim(answered), symbol))
    return Reject{name + ": the answer is for another symbol (" + shown(answered) + ")"};
  if (!json.contains("data") || !json["data"].is_array())
    return Reject{name + ": the answer has no \"data\""};
  std::vector<CorporateAction> splits;
  for (const Json& record : json["data"]) {
    const std::string day_text = field_text(record, "effective_date");
    const auto day = Date::parse(day_text);
    if (!day) return Reject{name + ": the day of a split is not a date (" + shown(day_text) + ")"};
    const std::string factor = field_text(record, "split_factor");
    const auto ratio = parse_ratio(factor);
    if (!ratio || factor.find(':') != factor.npos) continue;  // one bad old record holds no other day up
    if (std::ranges::find(splits, *day, &CorporateAction::day) != splits.end())
      return Reject{name + " " + day->to_string() + ": two splits"};
    splits.push_back({.symbol = canonical_symbol(symbol),
                      .day = *day,
                      .kind = ActionKind::split,
                      .ratio = exact_ratio(*ratio, factor),
                      .source = "alpha-vantage"});
  }
  std::ranges::sort(splits, {}, &CorporateAction::day);
  return splits;
}

kernel::Verdict judge_alpha_vantage_splits(const kernel::HttpResponse& response, Instant now) {
  kernel::Verdict verdict = judge_alpha_vantage(response, now);
  if (response.status != 200) return verdict;
  const Json json = Json::parse(response.body, nullptr, false);
  const bool splits = json.is_object() && json.contains("data") && json["data"].is_array();
  return splits ? kernel::Verdict{} : verdict;
}

std::vector<CorporateAction> AlphaVantage::splits(std::string_view symbol) {
  kernel::HttpRequest request;
  request.connect_timeout = options_.connect_timeout;
  request.timeout = options_.timeout;
  request.url = without_trailing_slash(options_.base_url) +
                "/query?function=SPLITS&symbol=" + kernel::url_encode(symbol_with_class_after('-', symbol)) +
                "&apikey=" + kernel::url_encode(options_.api_key);
  const kernel::HttpResponse response = http_.send(request, [&](const kernel::HttpResponse& answer) {
    kernel::Verdict verdict = judge_alpha_vantage_splits(answer, kernel::SystemClock().now());
    if (verdict.kind != kernel::Verdict::Kind::limit)
      verdict.problem = std::string(symbol) + ": " + verdict.problem;
    return verdict;
  });
  auto parsed = parse_splits(response.body, symbol);
  if (!parsed) throw Error(ErrorKind::data, source_ + ": " + parsed.error().reason);
  return std::move(parsed).value();
}

}  // namespace am::market
