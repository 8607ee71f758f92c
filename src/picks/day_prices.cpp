#include "day_prices.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "am/kernel/ledger.hpp"
#include "am/market/action_store.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "json_dump.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;
using market::ActionKind;
using market::CorporateAction;

Json action_json(const CorporateAction& action) {
  Json json{{"kind", market::action_kind_name(action.kind)},
            {"symbol", action.symbol},
            {"day", action.day.to_string()}};
  if (action.kind == ActionKind::split) json["ratio"] = action.ratio.to_string();
  if (action.kind == ActionKind::rename) json["new_symbol"] = action.new_symbol;
  if (action.price) json["price"] = action.price->to_string();
  json["source"] = action.source;
  return json;
}

std::string_view event_of(ActionKind kind) {
  switch (kind) {
    case ActionKind::split:
      return "split_applied";
    case ActionKind::rename:
      return "rename_followed";
    case ActionKind::delisted:
      return "listing_ended";
  }
  return "split_applied";
}

/// Whether the batch has such an event: one whose data holds all of `what`.
bool has_event(kernel::Sql& sql, const std::string& batch_id, std::string_view kind, const Json& what) {
  return !sql.query(
                 "SELECT 1 FROM ops.events WHERE batch_id = $1::uuid AND kind = $2 AND data @> $3::jsonb LIMIT 1",
                 kernel::sql_values(batch_id, kind, dump(what)))
              .empty();
}

}  // namespace

DayBasis::DayBasis(const Batch& batch, Date day, std::vector<CorporateAction> actions,
                   std::map<std::string, Date> baseline_bases)
    : batch_(batch),
      baseline_(baseline_session(batch.run_date)),
      day_(day),
      actions_(std::move(actions)),
      baseline_bases_(std::move(baseline_bases)) {}

std::vector<std::string> DayBasis::symbols() const {
  if (actions_.empty()) return symbols_of(batch_);
  std::vector<std::string> all;
  for (const std::string& ticker : symbols_of(batch_)) {
    if (market::end_of_listing(actions_, ticker, baseline_, day_)) continue;
    std::string symbol = market::symbol_on(actions_, ticker, baseline_, day_);
    if (market::is_same_share(symbol, ticker)) symbol = ticker;
    if (std::ranges::find(all, symbol) == all.end()) all.push_back(std::move(symbol));
  }
  return all;
}

DayPrice DayBasis::price_of(const std::string& ticker, const market::ClosesOnDay& closes, bool& known) const {
  DayPrice price{.ticker = ticker, .symbol = ticker, .raw_close = {}};
  const Date baseline_basis = baseline_bases_.contains(ticker) ? baseline_bases_.at(ticker) : baseline_;
  const std::string symbol = market::symbol_on(actions_, ticker, baseline_, day_);
  if (!market::is_same_share(symbol, ticker)) {
    price.symbol = symbol;
    for (const CorporateAction& action : actions_) {
      if (action.kind != ActionKind::rename || action.day <= baseline_ || action.day > day_) continue;
      if (market::is_same_share(market::symbol_on(actions_, ticker, baseline_, action.day),
                                action.new_symbol))
        price.because.push_back(action);
    }
  }
  Date basis = day_;
  if (const auto end = market::end_of_listing(actions_, ticker, baseline_, day_)) {
    price.raw_close = *end->price;
    basis = end->day;
    price.because.push_back(*end);
    known = true;
  } else if (const auto close = closes.closes.find(price.symbol); close != closes.closes.end()) {
    price.raw_close = close->second;
    if (const auto own = closes.bases.find(price.symbol); own != closes.bases.end()) basis = own->second;
    known = true;
  }
  price.ratio = market::factor_between(actions_, ticker, baseline_basis, basis);
  for (const CorporateAction& split : market::splits_between(actions_, ticker, baseline_basis, basis)) {
    if (split.ratio != Decimal(1)) price.because.push_back(split);
  }
  std::ranges::stable_sort(price.because, {}, &CorporateAction::day);
  return price;
}

std::vector<DayPrice> DayBasis::prices(const market::ClosesOnDay& closes) const {
  std::vector<DayPrice> all;
  for (const std::string& ticker : symbols_of(batch_)) {
    bool known = false;
    DayPrice price = price_of(ticker, closes, known);
    if (known) all.push_back(std::move(price));
  }
  return all;
}

std::vector<std::string> symbols_on(const Workbench& bench, const Batch& batch, Date day) {
  return DayBasis(batch, day, bench.closes(batch.price_source).actions(), {}).symbols();
}

std::map<std::string, Decimal> by_ticker(const std::vector<DayPrice>& prices) {
  std::map<std::string, Decimal> all;
  for (const DayPrice& price : prices)
    all.emplace(price.ticker, price.because.empty() ? price.raw_close : price.price());
  return all;
}

std::string prices_json(const std::vector<DayPrice>& prices) {
  Json all = Json::array();
  for (const DayPrice& price : prices) {
    if (price.because.empty()) continue;
    Json because = Json::array();
    for (const CorporateAction& action : price.because) because.push_back(action_json(action));
    all.push_back({{"ticker", price.ticker},
                   {"symbol", price.symbol},
                   {"raw_close", price.raw_close.to_string()},
                   {"ratio", price.ratio.to_string()},
                   {"price", price.price().to_string()},
                   {"because", because}});
  }
  return dump(all);
}

void record_actions(kernel::Sql& sql, const Batch& batch, const std::string& run_id, Date day,
                    const std::vector<DayPrice>& prices, const std::vector<market::Move>& unexplained) {
  for (const DayPrice& price : prices) {
    for (const CorporateAction& action : price.because) {
      Json what = action_json(action);
      what.erase("kind");
      what["ticker"] = price.ticker;
      if (has_event(sql, batch.id, event_of(action.kind), what)) continue;
      what["checkpoint_date"] = day.to_string();
      what["raw_close"] = price.raw_close.to_string();
      what["stored_price"] = price.price().to_string();
      kernel::Ledger::event(sql, event_of(action.kind), batch.id, run_id, dump(what));
    }
  }
  for (const market::Move& move : unexplained) {
    Json what{{"symbol", move.symbol}, {"day", move.day.to_string()}};
    if (has_event(sql, batch.id, "unexplained_move", what)) continue;
    what["close"] = move.close.to_string();
    what["before"] = move.before.to_string();
    what["before_day"] = move.before_day.to_string();
    kernel::Ledger::event(sql, "unexplained_move", batch.id, run_id, dump(what));
  }
}

}  // namespace am::picks
