#pragma once
// A strategy over bars of the past, by the same manager that trades live, and what it would have come to.
//
// Nothing here looks ahead: a signal of bar N is made of bars up to N; it is filled at N's close (as paper fills live: the same
// arithmetic of money.hpp, to the cent) or at the open of N + 1.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/base/decimal.hpp"
#include "am/kernel/stop.hpp"
#include "am/strategy/routing.hpp"
#include "am/strategy/strategy.hpp"
#include "am/strategy/types.hpp"

namespace am::strategy {

enum class FillRule {
  next_open,  ///< at the next bar's open
  signal,     ///< at the signal's price and the slippage, at once: as paper
};
std::string_view name_of(FillRule rule);  ///< "next-open", "signal"
std::optional<FillRule> fill_rule_of(std::string_view name);

struct ReplayOptions {
  std::string symbol = "REPLAY", timeframe = "1m";
  std::string session_id = "replay", strategy_id = "replay";  ///< the signals are named after them
  FillRule fill = FillRule::next_open;
  Decimal cash = 100'000;
  Decimal fee_bps = 0, slippage_bps = 0;  ///< hundredths of a percent
  Decimal collar_pct = 1;  ///< FillRule::signal: what a buy holds back is at its limit, as live
  std::optional<Decimal> max_notional{}, max_position{};  ///< as the gateway's; nothing: without
  std::function<void(std::string_view line)> log_line{};  ///< what the strategy says and prints; may be empty
};

/// A signal that was filled.
struct ReplayTrade {
  Micros event = 0;           ///< start of the bar that signalled
  std::uint32_t ordinal = 0;  ///< of its signals
  Micros filled = 0;          ///< the moment: that bar's end, or the next one's start
  Side side = Side::buy;
  Decimal quantity, price;      ///< 9 places; the price is value ÷ quantity, as booked
  Decimal value, fee;           ///< cents
  Decimal realised;             ///< of a sale: value less cost, before fees
  Decimal cash;                 ///< after it
  Decimal held;                 ///< quantity after it
  std::string metadata = "{}";  ///< of the signal
};

/// A signal that was not.
struct ReplayRefusal {
  Micros event = 0;
  std::uint32_t ordinal = 0;
  Side side = Side::buy;
  std::string reason;
};

/// How it went. Units: percent; nothing: it can't be said (no trade, no loss, too few days).
struct ReplayFigures {
  double return_pct = 0, market_pct = 0;  ///< market: of the last close over the first
  double max_drawdown_pct = 0;            ///< of the equity at each bar's close, from its highest before
  std::optional<double> sharpe{},
      sortino{};  ///< of returns by UTC day, by the year: × √252 for stocks, √365 for crypto
  std::optional<double> profit_factor{};  ///< gains ÷ losses of sales, after fees
  std::optional<double> win_rate_pct{};   ///< of sales that gained, after fees
  double exposure_pct = 0;                ///< of bars at whose close something was held
};

struct ReplayPoint {
  Micros at = 0;  ///< a bar's end
  double equity = 0, close = 0;
};

struct ReplayResult {
  std::size_t bars = 0;
  Micros first = 0, last = 0;  ///< start of the first bar, end of the last one
  RoutingCounts routing{};
  std::vector<ReplayTrade> trades{};
  std::vector<ReplayRefusal> refusals{};
  std::size_t buys = 0, sells = 0;
  std::size_t waiting = 0;  ///< signals of the last bar, for which there was no next one
  Decimal cash, fees, realised;
  Decimal held, cost;        ///< what is left
  Decimal value;             ///< cash and what is left at the last close, in cents
  std::uint64_t errors = 0;  ///< events at which a worker failed
  ReplayFigures figures{};
  std::vector<ReplayPoint> equity{};  ///< thinned out to some 2,000 points: of each group the last one
};

/// A native strategy. bars: in order. stop: asked now and then.
/// Errors:  usage: a cash, fee or slippage that can't be; as Stop::check.
ReplayResult replay(std::unique_ptr<Strategy> strategy, std::span<const Bar> bars,
                    const ReplayOptions& options, const kernel::Stop* stop = nullptr);
/// A worker, to which bars are offered in batches. Waits for it.
/// Errors:  as above; data: the worker failed, with its reason.
ReplayResult replay(std::unique_ptr<Worker> worker, std::span<const Bar> bars, const ReplayOptions& options,
                    const kernel::Stop* stop = nullptr);

/// One file with the equity as a chart, the figures and the trades. strategy: what it is called.
std::string replay_page(const ReplayResult& result, const ReplayOptions& options,
                        const std::string& strategy);
/// What it came to, in a sentence: "From 2026-01-26 to 2026-01-27 …". Text.
std::string replay_summary(const ReplayResult& result, const ReplayOptions& options);
/// The equity and the market as inline SVG, in two sizes; empty where there are less than two points.
std::string draw_replay(const std::vector<ReplayPoint>& points, double cash, const std::string& summary);
/// The figures by name, for people: "return" → "+2.84 %". The same in the command's table and on the page.
std::vector<std::pair<std::string, std::string>> replay_figures(const ReplayResult& result);

}  // namespace am::strategy
