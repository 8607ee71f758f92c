// A restart equals an uninterrupted run: cut at every bar, each built-in strategy goes on to the same signals.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "am/base/error.hpp"
#include "am/strategy/routing.hpp"
#include "support/error_of.hpp"
#include "support/strategy_bars.hpp"

namespace am::strategy {
namespace {

using test::kMinute;
using test::kOpen;
using test::walk;

constexpr int kBars = 240;

SessionSpec session_of(std::string_view builtin) {
  return {.session_id = fmt::format("session of {}", builtin), .strategy_id = "t", .symbol = "AAPL"};
}

std::unique_ptr<Strategy> made(std::string_view builtin) {
  return make_builtin({.name = "x", .code = std::string(builtin)}, "AAPL");
}

void feed(StrategyManager& manager, std::span<const Bar> bars, std::vector<std::string>& signals) {
  for (const Bar& bar : bars) {
    manager.on_bar("AAPL", "1m", bar, bar.start + kMinute);
    for (const Decision& decision : manager.take_decisions())
      signals.push_back(fmt::format("{} {} {} {}", static_cast<int>(decision.what), decision.signal.signal_id,
                                    name_of(decision.signal.side), decision.signal.price.to_string()));
  }
}

class Restart : public testing::TestWithParam<std::string_view> {};

TEST_P(Restart, AtAnyBarEqualsAnUninterruptedRun) {
  const std::vector<Bar> bars = walk(kBars, 3);
  const SessionSpec spec = session_of(GetParam());
  StrategyManager whole;
  whole.start_session(spec, made(GetParam()));
  whole.join(spec.session_id, {}, kOpen);
  std::vector<std::string> expected;
  feed(whole, bars, expected);
  if (GetParam() != "mock") {
    ASSERT_GT(expected.size(), 3U);
  }

  for (std::size_t cut = 0; cut <= bars.size(); ++cut) {
    std::vector<std::string> signals;
    std::string kept;
    {
      StrategyManager first;
      first.start_session(spec, made(GetParam()));
      first.join(spec.session_id, {}, kOpen);
      feed(first, std::span(bars).first(cut), signals);
      kept = first.snapshot(spec.session_id).to_text();
    }
    StrategyManager second;
    second.start_session(spec, made(GetParam()), SessionSnapshot::parse(kept));
    second.join(spec.session_id, {}, kOpen);
    feed(second, std::span(bars).subspan(cut > 0 ? cut - 1 : 0), signals);  // the bar at the cut comes again
    ASSERT_EQ(signals, expected) << "cut after " << cut;
    ASSERT_EQ(second.snapshot(spec.session_id).to_text(), whole.snapshot(spec.session_id).to_text()) << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(Builtins, Restart, testing::ValuesIn(builtin_names()),
                         [](const auto& builtin) { return std::string(builtin.param); });

TEST(SessionSnapshot, ReadsBackWhatItWrote) {
  const SessionSnapshot snapshot{.last_bar = kOpen,
                                 .last_trade = kOpen + 1,
                                 .asked_at_trade = 3,
                                 .seen = 17,
                                 .muted_to = kOpen - 1,
                                 .strategy = "{\"a\": \"\xC3\xA4\"}"};
  EXPECT_EQ(SessionSnapshot::parse(snapshot.to_text()), snapshot);
  EXPECT_EQ(SessionSnapshot::parse(SessionSnapshot().to_text()), SessionSnapshot());
}

TEST(SessionSnapshot, RefusesWhatIsNone) {
  for (const char* text : {"", "{}", "[]", "nonsense", R"({"version":2,"seen":1,"strategy":""})",
                           R"({"version":1,"seen":"x","strategy":""})", R"({"version":1,"seen":1})"})
    EXPECT_EQ(test::error_of([&] { (void)SessionSnapshot::parse(text); }).kind(), ErrorKind::data) << text;
}

TEST(SessionSnapshot, OfAnotherStrategyIsRefused) {
  StrategyManager manager;
  const SessionSnapshot other{.strategy = made("momentum")->snapshot()};
  const Error error =
      test::error_of([&] { manager.start_session(session_of("sma_cross"), made("sma_cross"), other); });
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_TRUE(manager.sessions().empty());
}

}  // namespace
}  // namespace am::strategy
