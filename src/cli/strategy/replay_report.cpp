#include "replay_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"
#include "bars_parts.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;
using strategy::ReplayOptions;
using strategy::ReplayResult;
using strategy::ReplayTrade;

constexpr std::size_t kTradesInTable = 20;
/// In the JSON document; the CSV has all.
constexpr std::size_t kTradesInJson = 10'000;

std::string signal_id_of(const ReplayTrade& trade, const ReplayOptions& options) {
  return strategy::signal_ids({.session_id = options.session_id,
                               .strategy_id = options.strategy_id,
                               .timeframe = options.timeframe,
                               .event = trade.event,
                               .ordinal = trade.ordinal})
      .signal_id;
}

Json number_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }
std::string percent(double value) { return fmt::format("{:.4f}", value); }

/// For people: without the zeros that 9 places have at their end, with cents at least.
std::string short_price(const Decimal& price) {
  std::string text = price.to_fixed(9);
  const std::size_t cents = text.find('.') + 3;
  text.erase(std::max(text.find_last_not_of('0') + 1, cents));
  return text;
}

Json trade_json(const ReplayTrade& trade, const ReplayOptions& options) {
  return {{"event", moment_text(trade.event)},
          {"filled", moment_text(trade.filled)},
          {"side", name_of(trade.side)},
          {"quantity", trade.quantity.to_string()},
          {"price", trade.price.to_string()},
          {"value", trade.value.to_string()},
          {"fee", trade.fee.to_string()},
          {"realised", trade.realised.to_string()},
          {"cash", trade.cash.to_string()},
          {"held", trade.held.to_string()},
          {"signal_id", signal_id_of(trade, options)},
          {"metadata", Json::parse(trade.metadata, nullptr, false)}};
}

}  // namespace

std::string replay_json(const ReplayResult& result, const ReplayOptions& options, const std::string& name) {
  const strategy::ReplayFigures& f = result.figures;
  Json json = {{"strategy", name},
               {"symbol", options.symbol},
               {"timeframe", options.timeframe},
               {"fill", name_of(options.fill)},
               {"from", moment_text(result.first)},
               {"to", moment_text(result.last)},
               {"start_cash", options.cash.to_string()},
               {"cash", result.cash.to_string()},
               {"held", result.held.to_string()},
               {"cost", result.cost.to_string()},
               {"value", result.value.to_string()},
               {"realised", result.realised.to_string()},
               {"fees", result.fees.to_string()},
               {"return_pct", percent(f.return_pct)},
               {"market_pct", percent(f.market_pct)},
               {"max_drawdown_pct", percent(f.max_drawdown_pct)},
               {"sharpe", number_or_null(f.sharpe)},
               {"sortino", number_or_null(f.sortino)},
               {"profit_factor", number_or_null(f.profit_factor)},
               {"win_rate_pct", f.win_rate_pct ? Json(percent(*f.win_rate_pct)) : Json()},
               {"exposure_pct", percent(f.exposure_pct)},
               {"buys", result.buys},
               {"sells", result.sells},
               {"waiting", result.waiting},
               {"errors", result.errors}};
  json["trades"] = Json::array();
  for (std::size_t i = 0; i < std::min(result.trades.size(), kTradesInJson); ++i)
    json["trades"].push_back(trade_json(result.trades[i], options));
  json["trades_left_out"] = result.trades.size() - json["trades"].size();
  json["refusals"] = Json::array();
  for (std::size_t i = 0; i < std::min(result.refusals.size(), kTradesInJson); ++i) {
    const strategy::ReplayRefusal& refusal = result.refusals[i];
    json["refusals"].push_back({{"event", moment_text(refusal.event)},
                                {"side", name_of(refusal.side)},
                                {"reason", printable(refusal.reason)}});
  }
  json["equity"] = Json::array();
  for (const strategy::ReplayPoint& point : result.equity)
    json["equity"].push_back({{"at", moment_text(point.at)},
                              {"equity", fmt::format("{:.2f}", point.equity)},
                              {"close", fmt::format("{}", point.close)}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string replay_csv(const ReplayResult& result, const ReplayOptions& options) {
  std::string text = "event,filled,side,quantity,price,value,fee,realised,cash,held,signal_id,metadata\n";
  for (const ReplayTrade& trade : result.trades) {
    const std::string fields[] = {
        moment_text(trade.event),   moment_text(trade.filled),    std::string(name_of(trade.side)),
        trade.quantity.to_string(), trade.price.to_string(),      trade.value.to_string(),
        trade.fee.to_string(),      trade.realised.to_string(),   trade.cash.to_string(),
        trade.held.to_string(),     signal_id_of(trade, options), csv_text(trade.metadata)};
    text += csv_record(fields);
  }
  return text;
}

std::string replay_table(const ReplayResult& result, const ReplayOptions& options, const std::string& name,
                         bool color) {
  Table figures({"figure", "value"});
  for (const auto& [figure, value] : strategy::replay_figures(result)) figures.add({figure, value});
  std::string text = printable(name) + " on " + options.symbol + ", filled at " +
                     (options.fill == strategy::FillRule::signal ? "the signal's price" : "the next open") +
                     "\n" + strategy::replay_summary(result, options) + "\n\n" + figures.text(color);
  if (result.trades.empty()) return text;
  Table trades({"filled", "side", "quantity", "price", "value", "realised", "cash"});
  const std::size_t first = result.trades.size() - std::min(result.trades.size(), kTradesInTable);
  for (std::size_t i = first; i < result.trades.size(); ++i) {
    const ReplayTrade& trade = result.trades[i];
    trades.add({moment_text(trade.filled), std::string(name_of(trade.side)), trade.quantity.to_string(),
                short_price(trade.price), trade.value.to_string(),
                trade.side == strategy::Side::sell ? trade.realised.to_string() : "",
                trade.cash.to_string()});
  }
  text += "\n" + trades.text(color);
  if (first > 0) text += "the last " + std::to_string(kTradesInTable) + " trades; all of them: -o csv\n";
  return text;
}

}  // namespace am::cli
