// A replay for people: its figures in words, and the page that is one file.

#include <array>
#include <map>

#include <fmt/format.h>

#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/page_style.hpp"
#include "am/base/standalone_page.hpp"
#include "am/strategy/money.hpp"
#include "am/strategy/replay.hpp"

namespace am::strategy {

namespace {

constexpr std::size_t kMostTradesShown = 500;
constexpr std::string_view kReplayStyle = R"css(
.replay .equity{fill:none;stroke:var(--line);stroke-width:1.8;stroke-linejoin:round}
.replay .market{fill:none;stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 3;stroke-linejoin:round}
.replay text{font-size:13px}
.replay.narrow{display:none}
@media(max-width:40rem){.replay.wide{display:none}.replay.narrow{display:block;max-width:30rem}.replay.narrow text{font-size:11.5px}}
@media(forced-colors:active){.replay .equity,.replay .market{stroke:CanvasText}}
)css";

std::string minute_text(Micros at) {
  const std::string text = format_rfc3339(Instant{std::chrono::microseconds{at}});
  return text.substr(0, 10) + " " + text.substr(11, 5);
}

std::string percent_text(double value) { return fmt::format("{:+.2f} %", value); }

std::string ratio_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", *value) : "not known";
}

std::string trades_html(const ReplayResult& result) {
  if (result.trades.empty()) return "<p class=\"soft\">Nothing was traded.</p>\n";
  std::string rows;
  const std::size_t shown = std::min(result.trades.size(), kMostTradesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ReplayTrade& trade = result.trades[i];
    rows += "<tr>" + row_head(minute_text(trade.filled)) + cell(std::string(name_of(trade.side)), "t") +
            cell(shortest(trade.quantity)) + cell(shortest(trade.price)) + cell(trade.value.to_string()) +
            cell(trade.fee.to_string()) +
            cell(trade.side == Side::sell ? trade.realised.to_string() : std::string()) +
            cell(trade.cash.to_string()) + "</tr>\n";
  }
  return table_html("Trades",
                    {"Filled (UTC)", "<Side", "Quantity", "Price", "Value", "Fee", "Realised", "Cash"},
                    rows) +
         (shown < result.trades.size()
              ? fmt::format("<p class=\"soft\">{} more are in the data.</p>\n", result.trades.size() - shown)
              : "");
}

std::string refusals_html(const ReplayResult& result) {
  std::map<std::string, std::size_t> reasons;
  for (const ReplayRefusal& refusal : result.refusals) ++reasons[refusal.reason];
  if (reasons.empty()) return {};
  std::string rows;
  for (const auto& [reason, count] : reasons)
    rows += "<tr>" + row_head(escape_html(reason)) + cell(std::to_string(count)) + "</tr>\n";
  return "<section><h2>Not filled</h2>" + table_html("Signals that were refused", {"Why", "Signals"}, rows) +
         "</section>\n";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> replay_figures(const ReplayResult& result) {
  const ReplayFigures& figures = result.figures;
  std::vector<std::pair<std::string, std::string>> all{
      {"return", percent_text(figures.return_pct)},
      {"market", percent_text(figures.market_pct)},
      {"max drawdown", fmt::format("{:.2f} %", figures.max_drawdown_pct)},
      {"Sharpe", ratio_text(figures.sharpe)},
      {"Sortino", ratio_text(figures.sortino)},
      {"profit factor", ratio_text(figures.profit_factor)},
      {"win rate", figures.win_rate_pct ? fmt::format("{:.1f} %", *figures.win_rate_pct) : "not known"},
      {"exposure", fmt::format("{:.1f} %", figures.exposure_pct)},
      {"trades", fmt::format("{} ({} buys, {} sells)", result.trades.size(), result.buys, result.sells)},
      {"refused", std::to_string(result.refusals.size())},
      {"fees", result.fees.to_string()},
      {"cash", result.cash.to_string()},
      {"held", shortest(result.held)},
      {"value", result.value.to_string()}};
  return all;
}

std::string replay_summary(const ReplayResult& result, const ReplayOptions& options) {
  if (result.bars == 0) return "There was no bar.";
  return fmt::format("From {} to {} UTC, {} bars of {}: {} became {}, {}; the market {}.",
                     minute_text(result.first), minute_text(result.last), result.bars, options.timeframe,
                     options.cash.to_fixed(2), result.value.to_string(),
                     percent_text(result.figures.return_pct), percent_text(result.figures.market_pct));
}

std::string replay_page(const ReplayResult& result, const ReplayOptions& options,
                        const std::string& strategy) {
  const std::string summary = replay_summary(result, options);
  std::string tiles;
  for (const auto& [name, value] : replay_figures(result))
    tiles += tile_html(escape_html(name), escape_html(value), "");
  const std::string name = strategy + " on " + options.symbol;
  return standalone_page(
      {.title = name + ": replay",
       .style = std::string(page_style()) + std::string(kReplayStyle),
       .head_html = "<h1>" + escape_html(name) +
                    "</h1><p class=\"soft\">Replay: bars of the past, no money. Filled " +
                    (options.fill == FillRule::next_open ? "at the next bar\u2019s open"
                                                         : "at the signal\u2019s price") +
                    fmt::format("; fee {} bps, slippage {} bps.</p>", shortest(options.fee_bps),
                                shortest(options.slippage_bps)),
       .main_html =
           "<p class=\"answer\">" + escape_html(summary) +
           "</p>\n<figure><figcaption>Equity (line) and market (dashed), in percent since the start.</figcaption>" +
           draw_replay(result.equity, options.cash.to_double(), summary) + "</figure>\n<dl>" + tiles +
           "</dl>\n<section><h2>Trades</h2>" + trades_html(result) + "</section>\n" + refusals_html(result),
       .foot_html =
           "<p>What would have been says little of what will be: parameters that were chosen by a replay fit its bars. Sharpe and "
           "Sortino: of returns by day (UTC), by the year. Profit factor and win rate: of sales, after fees. Drawdown: of the "
           "equity at each bar\u2019s close.</p>"});
}

}  // namespace am::strategy
