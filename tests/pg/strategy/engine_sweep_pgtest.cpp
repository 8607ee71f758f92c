// An engine that fails at any call to the database or the gateway, or dies there: whoever goes on asks for the same signals.

#include <csignal>

#include "engine_bed.hpp"
#include "support/crash_sweep.hpp"

namespace am::strategy {
namespace {

using test::Crash;
using test::CrashPoint;

class EngineSweep : public EngineBed, public testing::WithParamInterface<Crash> {
 protected:
  /// Nothing by the clock: the calls are those of the work.
  EngineOptions quiet() const {
    EngineOptions all = options();
    all.reconcile_every = all.snapshot_every = all.positions_every = std::chrono::minutes(10);
    return all;
  }
  void begin() {
    test::empty_strategy(*db_);
    session_ = make(Mode::rehearsal);
    wanted_ = expected(session_, bars_);
  }
  bool is_settled() {
    return stored(session_) == wanted_ &&
           value("SELECT count(*) FROM trading.signals WHERE status = 'pending'") == "0";
  }
  /// One process, and a second one where the first is dead. Returns how many calls the first made.
  int run(int n) {
    begin();
    CrashPoint point(home_, GetParam(), n);
    const auto is_dead = [&] { return GetParam() == Crash::death && point.fired(); };
    auto engine = start(quiet(), [&point](std::string_view what) { point(what); });
    EXPECT_TRUE(becomes([&] { return is_held(session_) || is_dead(); }));
    feed(bars_);
    EXPECT_TRUE(becomes([&] { return is_settled() || is_dead(); })) << "point " << n << "\n" << log_text();
    engine->stop.request(SIGTERM);
    engine->result.wait();
    if (is_dead()) {
      db_->query("UPDATE trading.sessions SET lease_until = clock_timestamp() - interval '1 second'");
      engine = start(quiet());
      EXPECT_TRUE(becomes([&] { return is_held(session_); }));
      feed(bars_);  // a session that had no state yet begins anew
      EXPECT_TRUE(becomes([&] { return is_settled(); })) << "point " << n << "\n" << log_text();
      engine->end();
    }
    EXPECT_EQ(stored(session_), wanted_);
    EXPECT_EQ(value("SELECT count(*) FROM trading.signals WHERE status NOT IN ('ordered', 'missed')"), "0");
    return point.count();
  }

  const std::vector<Bar> bars_ = test::walk(30);
  Session session_{};
  std::vector<std::string> wanted_;
};

TEST_P(EngineSweep, WhereverItFailsTheSignalsAreTheSame) {
  const int points = run(0);
  EXPECT_GT(points, 20);
  test::for_each_point("engine", points, [this](int n) { run(n); });
}

INSTANTIATE_TEST_SUITE_P(Everywhere, EngineSweep, testing::Values(Crash::error_once, Crash::death),
                         [](const auto& tested) {
                           return std::string(tested.param == Crash::death ? "death" : "one_error");
                         });

}  // namespace
}  // namespace am::strategy
