#pragma once
// Daily closes from Alpha Vantage: TIME_SERIES_DAILY (one call, the last 100 sessions; the default) or
// GLOBAL_QUOTE (one call, the latest session), as traded; and SPLITS, which of them were splits. What it answers with status 200 is data, a request limit, a
// refused key or an unknown symbol; judge_alpha_vantage tells them apart. The vendor repeats the key in some
// messages and carries it in the query: nothing here quotes either.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"
#include "am/kernel/http_client.hpp"
#include "am/market/corporate_actions.hpp"
#include "am/market/prices.hpp"

namespace am::market {

/// Sessions in the vendor's compact listing. A shorter listing is the whole history of a young symbol.
inline constexpr std::size_t kCompactSessions = 100;

class AlphaVantage final : public PriceProvider {
 public:
  enum class Function { daily, quote };
  struct Options {
    std::string base_url = "https://www.alphavantage.co";
    std::string api_key{};
    Function function = Function::daily;
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds timeout{30000};
  };
  /// Errors:  config: no key.
  AlphaVantage(kernel::HttpClient& http, Options options);

  const std::string& source() const override { return source_; }
  bool local() const override { return false; }
  Series fetch(std::string_view symbol, DateRange range) override;
  void reserve(int calls) override { http_.reserve(calls); }
  void release() override { http_.release(); }
  bool tells_splits() const override { return true; }
  std::vector<CorporateAction> splits(std::string_view symbol) override;

 private:
  kernel::HttpClient& http_;
  Options options_;
  std::string source_ = "alpha-vantage";
};

/// Closes of a TIME_SERIES_DAILY answer, each from its own record ("4. close").
///
/// Shape:   days within range, ascending; prices of other days are not looked at. A close that cannot
///          be right (price.hpp) is among the refused. reaches_back_to: the earliest
///          day listed, when there are kCompactSessions or more.
/// Units:   USD per share, the digits as the vendor wrote them; raw, not adjusted for splits or dividends.
/// Errors:  Reject naming the symbol, and the day where it is one: not JSON, another symbol's answer, a key
///          that is no date, a day twice, a close that is missing.
/// Threads: pure.
Result<Series> parse_daily(std::string_view body, std::string_view symbol, DateRange range);

/// The one record of a GLOBAL_QUOTE answer: ("07. latest trading day", "05. price"). "08. previous close"
/// belongs to another, unnamed day and is never used.
///
/// Shape:   as parse_daily; at most one close. reaches_back_to: its day.
Result<Series> parse_quote(std::string_view body, std::string_view symbol, DateRange range);

/// Tells the vendor's answers apart. Every status but 200 is judged as HTTP. `now` is the real time, for the pause until
/// the next day: until a minute past midnight in New York, when the day's budget is spent; 5 s after a burst.
kernel::Verdict judge_alpha_vantage(const kernel::HttpResponse& response, Instant now);

/// Splits of a SPLITS answer: ("effective_date", "split_factor") each.
///
/// Shape:   ascending by day; the source is "alpha-vantage"; a factor that cannot be right is left out. What the vendor
///          rounds to four places is the quotient of small whole numbers again (0.3333 is 1:3).
/// Errors:  Reject naming the symbol: not JSON, another symbol's answer, no list, a day that is no date, or twice.
/// Threads: pure.
Result<std::vector<CorporateAction>> parse_splits(std::string_view body, std::string_view symbol);

/// judge_alpha_vantage for an answer of SPLITS.
kernel::Verdict judge_alpha_vantage_splits(const kernel::HttpResponse& response, Instant now);

}  // namespace am::market
