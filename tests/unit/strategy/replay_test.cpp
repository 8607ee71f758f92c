#include "am/strategy/replay.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "am/base/error.hpp"
#include "am/kernel/file_read.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/indicators.hpp"
#include "support/error_of.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::bar_at;
using test::kMinute;
using test::kOpen;
using test::ScriptedStrategy;
using test::ScriptedWorker;
using test::walk;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::unique_ptr<Strategy> cross(int period = 15) {
  return make_builtin(
      {.name = "x", .code = "sma_cross", .params = "{\"period\": " + std::to_string(period) + "}"}, "X");
}

ReplayOptions options_of(FillRule rule, const char* cash = "100000") {
  ReplayOptions options;
  options.symbol = "X";
  options.fill = rule;
  options.cash = Decimal::of(cash);
  return options;
}

/// Buys at the first bar, sells at the third; at a price of its own, if there is one.
ScriptedStrategy::Asks in_and_out(double quantity) {
  return [quantity, n = 0](const Bar& bar) mutable {
    std::vector<Intent> intents;
    if (n == 0) intents.push_back({.side = Side::buy, .price = bar.close, .quantity = quantity});
    if (n == 2) intents.push_back({.side = Side::sell, .price = bar.close, .quantity = quantity});
    ++n;
    return intents;
  };
}

std::vector<Bar> four_bars() {
  std::vector<Bar> bars{bar_at(0, 100), bar_at(1, 102), bar_at(2, 110), bar_at(3, 108)};
  bars[1].open = 101.5;
  bars[3].open = 109.5;
  bars[3].high = 111;
  return bars;
}

TEST(Replay, FillsAtTheNextOpen) {
  const auto bars = four_bars();
  const ReplayResult result = replay(std::make_unique<ScriptedStrategy>(in_and_out(3)), bars,
                                     options_of(FillRule::next_open, "1000"));
  ASSERT_THAT(result.trades, SizeIs(2));
  EXPECT_EQ(result.trades[0].event, kOpen);
  EXPECT_EQ(result.trades[0].filled, kOpen + kMinute);
  EXPECT_EQ(result.trades[0].price, Decimal::of("101.5"));
  EXPECT_EQ(result.trades[0].cash, Decimal::of("695.50"));
  EXPECT_EQ(result.trades[1].price, Decimal::of("109.5"));
  EXPECT_EQ(result.trades[1].realised, Decimal::of("24.00"));
  EXPECT_EQ(result.cash, Decimal::of("1024.00"));
  EXPECT_EQ(result.value, Decimal::of("1024.00"));
  EXPECT_EQ(result.held, 0);
  EXPECT_DOUBLE_EQ(result.figures.return_pct, 2.4000000000000021);
  EXPECT_DOUBLE_EQ(result.figures.exposure_pct, 50);
  EXPECT_EQ(result.figures.win_rate_pct, 100);
  EXPECT_FALSE(result.figures.profit_factor) << "nothing was lost";
}

TEST(Replay, FillsAtTheSignalAsPaperDoes) {
  ReplayOptions options = options_of(FillRule::signal, "1000");
  options.slippage_bps = 10;
  options.fee_bps = 20;
  const ReplayResult result = replay(std::make_unique<ScriptedStrategy>(in_and_out(3)), four_bars(), options);
  ASSERT_THAT(result.trades, SizeIs(2));
  EXPECT_EQ(result.trades[0].filled, kOpen + kMinute) << "its bar's end";
  EXPECT_EQ(result.trades[0].price, Decimal::of("100.1"));
  EXPECT_EQ(result.trades[0].value, Decimal::of("300.30"));
  EXPECT_EQ(result.trades[0].fee, Decimal::of("0.60"));
  EXPECT_EQ(result.trades[1].price, Decimal::of("109.89"));
  EXPECT_EQ(result.trades[1].value, Decimal::of("329.67"));
  EXPECT_EQ(result.trades[1].fee, Decimal::of("0.66"));
  EXPECT_EQ(result.cash, Decimal::of("1028.11"));
  EXPECT_EQ(result.fees, Decimal::of("1.26"));
  // cash + Σ cost = deposits + Σ realised − Σ fees
  EXPECT_EQ(result.cash + result.cost, options.cash + result.realised - result.fees);
}

TEST(Replay, RefusesWhatTheGatewayWould) {
  const auto why = [](double quantity, Side side, ReplayOptions options) {
    const auto ask = [=](const Bar& bar) {
      return std::vector<Intent>{{.side = side, .price = bar.close, .quantity = quantity}};
    };
    const std::vector<Bar> bars{bar_at(0, 100), bar_at(1, 100)};
    const ReplayResult result = replay(std::make_unique<ScriptedStrategy>(ask), bars, options);
    return result.refusals.empty() ? std::string("filled") : result.refusals[0].reason;
  };
  EXPECT_EQ(why(9, Side::buy, options_of(FillRule::signal, "909.00")), "filled") << "9 at the limit of 101";
  EXPECT_EQ(why(9, Side::buy, options_of(FillRule::signal, "908.99")), "insufficient_funds");
  EXPECT_EQ(why(9, Side::buy, options_of(FillRule::next_open, "900")), "filled");
  EXPECT_EQ(why(9, Side::buy, options_of(FillRule::next_open, "899.99")), "insufficient_funds");
  EXPECT_EQ(why(1, Side::sell, options_of(FillRule::signal)), "insufficient_holding");
  EXPECT_THAT(why(0.001, Side::buy, options_of(FillRule::signal)), HasSubstr("too small"));
  EXPECT_THAT(why(-1, Side::buy, options_of(FillRule::signal)), HasSubstr("rejected: quantity"));
  ReplayOptions limited = options_of(FillRule::signal);
  limited.max_notional = 900;
  EXPECT_EQ(why(9.01, Side::buy, limited), "notional");
  limited.max_notional.reset();
  limited.max_position = 909;
  EXPECT_EQ(why(9, Side::buy, limited), "filled");
  EXPECT_EQ(why(9.01, Side::buy, limited), "position");
}

TEST(Replay, ASignalOfTheLastBarWaits) {
  const ReplayResult result = replay(std::make_unique<ScriptedStrategy>(in_and_out(1)),
                                     std::vector<Bar>{bar_at(0, 100)}, options_of(FillRule::next_open));
  EXPECT_EQ(result.waiting, 1U);
  EXPECT_THAT(result.trades, IsEmpty());
}

TEST(Replay, TellsTheStrategyWhatIsHeld) {
  class Watching : public Strategy {
   public:
    explicit Watching(std::vector<Position>& seen) : seen_(seen) {}
    void on_bar(const Bar& bar, const Position& position, std::vector<Intent>& out) override {
      seen_.push_back(position);
      if (seen_.size() == 1) out.push_back({.price = bar.close, .quantity = 2});
    }
    std::string snapshot() const override { return ""; }
    void restore(std::string_view) override {}

   private:
    std::vector<Position>& seen_;
  };
  std::vector<Position> seen;
  (void)replay(std::make_unique<Watching>(seen), four_bars(), options_of(FillRule::next_open));
  EXPECT_EQ(seen[0], Position());
  EXPECT_EQ(seen[1], (Position{.quantity = 2, .cost = 203}));
}

TEST(Replay, DrawdownIsOfEveryBar) {
  const auto once = [n = 0](const Bar& bar) mutable {
    return n++ == 0 ? std::vector<Intent>{{.price = bar.close, .quantity = 10}} : std::vector<Intent>{};
  };
  const std::vector<Bar> bars{bar_at(0, 100), bar_at(1, 120), bar_at(2, 90), bar_at(3, 130), bar_at(4, 117)};
  const ReplayResult result =
      replay(std::make_unique<ScriptedStrategy>(once), bars, options_of(FillRule::signal, "1010"));
  // Equity 1010, 1210, 910, 1310, 1180.
  EXPECT_NEAR(result.figures.max_drawdown_pct, 100 * 300.0 / 1210, 1e-9);
  EXPECT_NEAR(result.figures.market_pct, 17, 1e-9);
}

/// Trades and figures as one text.
std::string text_of(const ReplayResult& result) {
  std::string text;
  for (const ReplayTrade& trade : result.trades)
    text += std::to_string(trade.event) + " " + std::string(name_of(trade.side)) + " " +
            trade.price.to_string() + " " + trade.cash.to_string() + "\n";
  return text + result.value.to_string();
}

TEST(Replay, TwiceIsTheSame) {
  const auto bars = walk(2000, 11);
  EXPECT_EQ(text_of(replay(cross(), bars, options_of(FillRule::signal))),
            text_of(replay(cross(), bars, options_of(FillRule::signal))));
}

// What comes later changes nothing of what was.
TEST(Replay, CutAfterABarItHasTheTradesUpToIt) {
  const auto bars = walk(600, 12);
  for (const FillRule rule : {FillRule::next_open, FillRule::signal}) {
    const ReplayResult whole = replay(cross(5), bars, options_of(rule));
    ASSERT_GT(whole.trades.size(), 50U);
    for (std::size_t n = 1; n < bars.size(); n += 7) {
      const ReplayResult part = replay(cross(5), std::span(bars).first(n), options_of(rule));
      ASSERT_LE(part.trades.size(), whole.trades.size());
      for (std::size_t i = 0; i < part.trades.size(); ++i) {
        ASSERT_EQ(part.trades[i].event, whole.trades[i].event);
        ASSERT_EQ(part.trades[i].cash, whole.trades[i].cash);
      }
      const Micros end = bars[n - 1].start;
      const auto before = [&](const ReplayTrade& trade) {
        return rule == FillRule::signal ? trade.event <= end : trade.filled <= end;
      };
      ASSERT_EQ(part.trades.size(), static_cast<std::size_t>(std::ranges::count_if(whole.trades, before)));
    }
  }
}

// A worker that asks as the native strategy does comes to the same.
TEST(Replay, AWorkerComesToTheSameAsANativeStrategy) {
  const auto bars = walk(1500, 13);
  for (const FillRule rule : {FillRule::next_open, FillRule::signal}) {
    auto worker = std::make_unique<ScriptedWorker>();
    worker->wants = 15;
    auto native = std::shared_ptr<Strategy>(cross());
    worker->on_bar = [native](const Bar& bar) {
      std::vector<Intent> intents;
      native->on_bar(bar, {}, intents);
      return intents;
    };
    EXPECT_EQ(text_of(replay(std::move(worker), bars, options_of(rule))),
              text_of(replay(cross(), bars, options_of(rule))));
  }
}

TEST(Replay, RefusesMoneyThatCannotBe) {
  ReplayOptions options = options_of(FillRule::signal);
  options.cash = Decimal::of("0.001");
  EXPECT_EQ(test::error_of([&] { (void)replay(cross(), walk(3), options); }).kind(), ErrorKind::usage);
  options = options_of(FillRule::signal);
  options.fee_bps = -1;
  EXPECT_EQ(test::error_of([&] { (void)replay(cross(), walk(3), options); }).kind(), ErrorKind::usage);
}

TEST(Replay, ItsPageIsOneFileWithAChart) {
  const auto bars = walk(3000, 14);
  const ReplayOptions options = options_of(FillRule::signal);
  const ReplayResult result = replay(cross(), bars, options);
  EXPECT_LE(result.equity.size(), 2001U);
  EXPECT_EQ(result.equity.back().at, bars.back().start + kMinute);
  const std::string page = replay_page(result, options, "<cross>");
  EXPECT_THAT(page, HasSubstr("&lt;cross&gt; on X"));
  EXPECT_THAT(page, HasSubstr("<svg class=\"replay wide\""));
  EXPECT_THAT(page, HasSubstr(result.value.to_string()));
  EXPECT_EQ(page, replay_page(result, options, "<cross>"));
  EXPECT_THAT(draw_replay({}, 1, ""), IsEmpty());
}

struct Known {
  const char* file;
  const char *sma30, *ema30, *rsi14, *atr14;
  const char* bands;
  const char* macd;
  std::size_t buys, sells;
  const char *cash, *value;
  const char* begins_with = "10000";
};

void expect_known(const std::vector<Bar>& bars, const Known& known) {
  Sma sma(30);
  Ema ema(30);
  Rsi rsi(14);
  Atr atr(14);
  Bollinger bands;
  Macd macd;
  for (const Bar& bar : bars) {
    sma.add(bar.close);
    ema.add(bar.close);
    rsi.add(bar.close);
    atr.add(bar);
    bands.add(bar.close);
    macd.add(bar.close);
  }
  EXPECT_EQ(fmt::format("{:.6f}", sma.value()), known.sma30) << known.file;
  EXPECT_EQ(fmt::format("{:.6f}", ema.value()), known.ema30) << known.file;
  EXPECT_EQ(fmt::format("{:.6f}", rsi.value()), known.rsi14) << known.file;
  EXPECT_EQ(fmt::format("{:.6f}", atr.value()), known.atr14) << known.file;
  EXPECT_EQ(fmt::format("{:.6f} {:.6f} {:.6f}", bands.middle(), bands.upper(), bands.lower()), known.bands);
  EXPECT_EQ(fmt::format("{:.6f} {:.6f} {:.6f}", macd.line(), macd.signal(), macd.histogram()), known.macd);
  const ReplayResult result = replay(cross(), bars, options_of(FillRule::next_open, known.begins_with));
  EXPECT_EQ(result.buys, known.buys) << known.file;
  EXPECT_EQ(result.sells, known.sells) << known.file;
  EXPECT_EQ(result.cash.to_string(), known.cash) << known.file;
  EXPECT_EQ(result.value.to_string(), known.value) << known.file;
}

std::optional<std::vector<Bar>> bars_at(const std::string& path) {
  const auto text = kernel::read_file(path);
  if (!text) return std::nullopt;
  return parse_bars_csv(*text, path);
}

// Reckoned by another program, anew for each bar.
TEST(KnownResults, OfTheExamples) {
  const std::string examples = std::string(AM_SOURCE_DIR) + "/examples/bars/";
  const auto bars = [&](const char* name) {
    auto read = bars_at(examples + name);
    EXPECT_TRUE(read) << name;
    return read.value_or(std::vector<Bar>());
  };
  expect_known(bars("demo-day.csv"), {"demo-day.csv", "199.619000", "199.881528", "81.755099", "0.217295",
                                      "200.167500 201.140061 199.194939", "0.507535 0.458574 0.048962", 11,
                                      10, "9808.42", "10009.45"});
  expect_known(bars("stock-two-days.csv"), {"stock-two-days.csv", "49.157000", "49.150194", "24.854253",
                                            "0.062219", "49.076500 49.225668 48.927332",
                                            "-0.096679 -0.093957 -0.002721", 42, 42, "10000.46", "10000.46"});
  expect_known(bars("crypto-day.csv"),
               {"crypto-day.csv", "89343.215667", "89340.532269", "50.722345", "69.276265",
                "89359.843000 89460.537399 89259.148601", "21.567696 30.013647 -8.445951", 90, 90,
                "102240.15", "102240.15", "100000"});
}

// A year of real days, where somebody has it beside the sources: reckoned by others.
TEST(KnownResults, OfAYearOfDays) {
  const auto bars = bars_at(std::string(AM_SOURCE_DIR) + "/../shared/data/bars/2006-day-001.txt");
  if (!bars) return;
  expect_known(*bars, {"2006-day-001.txt", "4063.463000", "4070.115719", "57.644284", "35.866308",
                       "4065.884000 4190.782310 3940.985690", "25.821368 21.977853 3.843516", 12, 11,
                       "6164.16", "10284.10"});
}

}  // namespace
}  // namespace am::strategy
