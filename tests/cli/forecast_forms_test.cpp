// The same observations in any form and any order: the same bits in what is forecast from them.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/date.hpp"
#include "am/forecast/numbers.hpp"
#include "am/kernel/clock.hpp"
#include "support/am_process.hpp"

namespace am::test {
namespace {

class ForecastForms : public testing::Test {
 protected:
  std::string am(const std::vector<std::string>& args) const {
    const Finished ended = test::am(args, {{"PATH", "/usr/bin:/bin"},
                                           {"DATABASE_URL", home_.url_elsewhere()},
                                           {"AM_DESKS_ENABLED", "forecast"},
                                           {"LOG_LEVEL", "error"}});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    return ended.out;
  }
  void import(const std::string& text, const std::vector<std::string>& options = {}) const {
    std::vector<std::string> words = {"forecast", "import", files_.file("observations.csv", text)};
    words.insert(words.end(), options.begin(), options.end());
    am(words);
  }
  /// How many different things are known of the series, and foretold.
  std::string different(const std::string& columns, const std::string& table) const {
    return value_of(*db_, "SELECT count(DISTINCT rows) FROM (SELECT string_agg(concat_ws(' ', " + columns +
                              "), ',' ORDER BY " + columns + ") AS rows FROM forecast." + table +
                              " GROUP BY series) s");
  }

  const TestDb home_;
  const std::unique_ptr<kernel::Db> db_ = home_.open();
  const Directory files_;
  std::minstd_rand random_{3};
};

TEST_F(ForecastForms, AnyOrderAndAnyFormGiveTheSameBits) {
  constexpr Date kFirst{2015, 3, 1};
  constexpr int kDays = 120;
  std::vector<std::pair<std::string, std::string>> days;
  for (int t = 0; t < kDays; ++t) {
    if (t % 17 == 5) continue;  // unknown
    days.emplace_back((kFirst + t).to_string(),
                      forecast::exact_text(100 + t / 3.0 + 10 * std::sin(t * 0.9) + (t * 31) % 7 / 7.0));
  }
  const std::vector<std::string> names = {"as_is", "shuffled", "wide", "semicolons", "tabs", "twice"};
  for (const std::string& name : names) am({"forecast", "series", "add", name});

  const auto rows = [&](const std::function<std::string(const std::string&, const std::string&)>& row) {
    std::string text;
    for (const auto& [day, value] : days) text += row(day, value);
    return text;
  };
  import("series,date,value\n" +
         rows([](const auto& day, const auto& value) { return "as_is," + day + "," + value + "\n"; }));
  std::ranges::shuffle(days, random_);
  import("value,series,date\n" +
         rows([](const auto& day, const auto& value) { return value + ",shuffled," + day + "\n"; }));
  import(
      "\xEF\xBB\xBF"
      "date,wide\r\n" +
      rows([](const auto& day, const auto& value) { return day + "," + value + "\r\n"; }));
  import("semicolons;date\r\n" +
         rows([](const auto& day, const auto& value) { return "\"" + value + "\"; " + day + "\r\n"; }));
  import("Date\tSeries\tValue\n" +
         rows([](const auto& day, const auto& value) { return day + "\ttabs\t" + value + "\n"; }));
  import("date,twice\n" + rows([](const auto& day, const auto& value) {
           return day + "," + value + "\n" + day + ",\n" + day + "," + value + "\n";
         }),
         {"--twice", "mean"});

  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ",") + name;
  am({"forecast", "enqueue", "--series", all, "--from", "2015-06-29", "--to", "2015-07-26"});
  am({"forecast", "work"});
  EXPECT_EQ(value_of(*db_, "SELECT count(*) FROM forecast.predictions_daily"), "168");
  EXPECT_EQ(different("date, value", "observations_daily"), "1");
  EXPECT_EQ(different("date, y_hat, y_lo, y_hi, y_lo80, y_hi80, model_version", "predictions_daily"), "1");
  EXPECT_EQ(different("kind, first, last, y_hat, y_lo, y_hi, y_lo80, y_hi80", "prediction_totals"), "1");
}

// Of a third, which no double holds: the order of the sum would show.
TEST_F(ForecastForms, MomentsOfADayThatAClockChangeCuts) {
  std::vector<std::string> moments;
  const Instant first = *parse_rfc3339("2016-03-12T06:00:00Z");  // midnight in Chicago
  for (int hour = 0; hour < 71; ++hour) {
    const std::string at = format_rfc3339(first + std::chrono::hours(hour));
    const std::string value = forecast::exact_text(hour / 3.0);
    moments.push_back(at + "," + value + "\n" + at + "," + value + "\n");
  }
  const std::array<std::string, 2> names = {"forward", "shuffled"};
  for (const std::string& name : names) {
    am({"forecast", "series", "add", name, "--zone", "America/Chicago"});
    std::string text = "date," + name + "\n";
    for (const std::string& moment : moments) text += moment;
    import(text, {"--twice", "sum"});
    std::ranges::shuffle(moments, random_);
  }
  EXPECT_EQ(different("date, value", "observations_daily"), "1");
  EXPECT_EQ(
      value_of(*db_,
               "SELECT string_agg(concat_ws(' ', date, round(value::numeric, 6)), ', ' ORDER BY date) FROM "
               "forecast.observations_daily WHERE series = 'forward'"),
      "2016-03-12 184.000000, 2016-03-13 536.666667, 2016-03-14 936.000000");  // 24, 23 and 24 hours
  // In autumn an hour comes twice, and both are of the day.
  import(
      "date,forward\n2016-11-06T04:59:59Z,1\n2016-11-06T05:00:00Z,10\n2016-11-06T01:30:00-05:00,100\n"
      "2016-11-06T01:30:00-06:00,1000\n2016-11-07T05:59:59Z,10000\n2016-11-07T06:00:00Z,5\n");
  EXPECT_EQ(value_of(*db_,
                     "SELECT string_agg(concat_ws(' ', date, value), ', ' ORDER BY date) FROM "
                     "forecast.observations_daily WHERE series = 'forward' AND date > '2016-04-01'"),
            "2016-11-05 1, 2016-11-06 11110, 2016-11-07 5");
}

}  // namespace
}  // namespace am::test
