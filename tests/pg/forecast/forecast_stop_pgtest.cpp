// Workers that are asked to end, or whose database goes away, in the middle of a job.

#include <csignal>

#include <gmock/gmock.h>

#include "forecast_bed.hpp"

namespace am::forecast {
namespace {

class ForecastStop : public ForecastTest {
 protected:
  void SetUp() override { add({.name = "rides", .horizon = 10}); }
  std::string job() { return value("SELECT concat_ws(' ', status, attempts) FROM jobs.forecast_jobs"); }
};

TEST_F(ForecastStop, ABacktestIsGivenBackBetweenItsOrigins) {
  enqueue({.type = JobType::backtest, .series = "rides", .from = kLast + 1, .to = kLast + 10});
  int calls = 0;
  kernel::Stop* stop = nullptr;
  ForecastWorker worker(home_, [&](const SeriesInput& input, const Horizon& horizon) {
    if (++calls == 2) stop->request(SIGTERM);
    return one_more_each_day(input, horizon);
  });
  stop = &worker.stop;
  const kernel::Drained drained = worker.drain();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(drained.released, 1U);
  EXPECT_EQ(drained.done, 0U);
  EXPECT_EQ(job(), "queued 0");
  EXPECT_EQ(ForecastWorker(home_).drain().done, 1U);
}

TEST_F(ForecastStop, AForecastIsFinishedAndTheRestStays) {
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  enqueue({.series = "rides", .from = kLast + 2, .to = kLast + 3});
  kernel::Stop* stop = nullptr;
  ForecastWorker worker(home_, [&](const SeriesInput& input, const Horizon& horizon) {
    stop->request(SIGTERM);
    return one_more_each_day(input, horizon);
  });
  stop = &worker.stop;
  EXPECT_EQ(worker.drain().done, 1U);
  EXPECT_EQ(
      value("SELECT string_agg(concat_ws(' ', status, attempts), ', ' ORDER BY id) FROM jobs.forecast_jobs"),
      "done 1, queued 0");
}

TEST_F(ForecastStop, AServerThatRestartsMeanwhileCostsNothing) {
  enqueue({.series = "rides", .from = kLast + 1, .to = kLast + 3});
  int calls = 0;
  ForecastWorker worker(home_, [&](const SeriesInput& input, const Horizon& horizon) {
    if (++calls == 1) home_.end_connections();
    return one_more_each_day(input, horizon);
  });
  EXPECT_EQ(worker.drain().done, 1U);
  EXPECT_EQ(calls, 1);
  const auto again = home_.open();
  EXPECT_EQ(test::value_of(*again, "SELECT concat_ws(' ', status, attempts) FROM jobs.forecast_jobs"),
            "done 1");
}

}  // namespace
}  // namespace am::forecast
