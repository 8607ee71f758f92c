#pragma once
// One process of the picks desk with the real clients of both vendors, over a transport that answers from memory.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "am/kernel/rate_limit.hpp"
#include "am/market/alpha_vantage.hpp"
#include "am/picks/pickers.hpp"
#include "support/picks_desk.hpp"

namespace am::test {

/// TestDesk with real clients of both vendors, as the command joins them.
struct NetworkDesk {
  NetworkDesk(const TestDb& home, const std::string& now, FakeVendors& vendors,
              const std::function<void(std::string_view)>& probe = {}, kernel::LedgerOptions ledger = {})
      : desk(home, now, ledger, probe),
        // Above any need: what a dead process reserved stays reserved for a minute, which is not the subject here.
        limiter(*desk.db, desk.stop, {{"alpha_vantage", {{1000, std::chrono::minutes(1)}}}}),
        prices_http(vendors, &limiter, desk.log, desk.stop, options("alpha-vantage", "alpha_vantage")),
        chat_http(vendors, nullptr, desk.log, desk.stop, options("openai", {})),
        prices(prices_http, {.base_url = "http://prices", .api_key = "not-a-key"}),
        picker(picks::make_openai_picker(chat_http, desk.log,
                                         {.base_url = "http://chat/v1", .api_key = "not-a-key-either"})) {
    const auto attempt = [this, probe] {
      if (probe) probe("vendor call");
      desk.ledger.check_leases();
    };
    prices_http.on_attempt(attempt);
    chat_http.on_attempt(attempt);
    desk.add(prices);
  }
  picks::WeeklyResult run_weekly(Date run_date) {
    picks::Workbench parts = desk.desk();
    picks::WeeklyOptions options;
    options.run_date = run_date;
    options.price_source = "alpha-vantage";
    return picks::run_weekly(parts, *picker, options);
  }
  static kernel::HttpClient::Options options(std::string vendor, std::optional<std::string> limit) {
    kernel::HttpClient::Options http;
    http.vendor = std::move(vendor);
    http.limit_key = std::move(limit);
    http.retry.base = std::chrono::milliseconds(0);
    return http;
  }

  TestDesk desk;
  kernel::RateLimiter limiter;
  kernel::HttpClient prices_http;
  kernel::HttpClient chat_http;
  market::AlphaVantage prices;
  std::unique_ptr<picks::Picker> picker;
};

}  // namespace am::test
