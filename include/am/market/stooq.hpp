#pragma once
// Daily closes from Stooq: one CSV file per symbol and range. Since 2026 it wants a key, which it gives for nothing
// on its page (kStooqKeyPage). Its closes are adjusted for the splits up to the day on which they are asked for, so they
// are another source than Alpha Vantage's raw ones and never mixed with them; two answers on either side of a split are on
// two bases. It allows a number of downloads a day that it does not publish, and tells in plain
// text, with status 200, when that is used up.

#include <chrono>
#include <string>
#include <string_view>

#include "am/base/result.hpp"
#include "am/kernel/http_client.hpp"
#include "am/market/prices.hpp"

namespace am::market {

/// Where a person gets a key, behind a captcha.
inline constexpr std::string_view kStooqKeyPage = "https://stooq.com/q/d/?s=spy.us&get_apikey";

class Stooq final : public PriceProvider {
 public:
  struct Options {
    std::string base_url = "https://stooq.com";
    std::string api_key{};
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds timeout{30000};
  };
  /// Errors:  config: no key.
  Stooq(kernel::HttpClient& http, Options options);

  const std::string& source() const override { return source_; }
  bool local() const override { return false; }
  /// An unknown symbol and a range without sessions are the same answer ("No data"): an empty series.
  Series fetch(std::string_view symbol, DateRange range) override;
  void reserve(int calls) override { http_.reserve(calls); }
  void release() override { http_.release(); }

 private:
  kernel::HttpClient& http_;
  Options options_;
  std::string source_ = "stooq";
};

/// Closes of a daily CSV answer (Date,Open,High,Low,Close[,Volume]).
///
/// Shape:   days within range, ascending; "No data" is an empty series. A close that cannot be right
///          (price.hpp) is among the refused. reaches_back_to: nullopt.
/// Units:   USD per share, the digits as the vendor wrote them.
/// Errors:  Reject naming the symbol, and the day where it is one: not such a CSV, a key that is no date, a
///          day twice.
/// Threads: pure.
Result<Series> parse_stooq(std::string_view body, std::string_view symbol, DateRange range);

/// Tells the vendor's answers apart. `now` is the real time, for the pause until the next day.
kernel::Verdict judge_stooq(const kernel::HttpResponse& response, Instant now);

/// "spy.us", "brk-b.us"; an index keeps its own name ("^spx").
std::string stooq_symbol(std::string_view symbol);

}  // namespace am::market
