#pragma once
// What the picks jobs need, made for tests: closes and picks from memory, a clock that the test sets, vendors
// that answer from memory, and TestDesk, which is one process's worth of connection, ledger and caches.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/kernel/clock.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/ledger.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"
#include "am/market/closes.hpp"
#include "am/market/prices.hpp"
#include "am/picks/jobs.hpp"
#include "am/picks/ports.hpp"
#include "support/pg.hpp"

namespace am::test {

/// RFC 3339, or the test fails with an exception.
Instant moment(const std::string& rfc3339);

class FakeClock final : public kernel::Clock {
 public:
  explicit FakeClock(const std::string& now) : now_(moment(now)) {}
  Instant now() const override { return now_; }
  Instant host() const override { return kernel::SystemClock().host(); }
  bool is_replaced() const override { return true; }
  void set(const std::string& now) { now_ = moment(now); }
  void set(Instant now) { now_ = now; }

 private:
  Instant now_;
};

/// A close that depends on symbol and day alone and stays within a few percent.
std::string made_up_close(std::string_view symbol, Date day);

/// A vendor from memory: a made-up close on every session, and what the test says instead.
/// Threads: fetch may be called from any; set it up before.
class FakePrices final : public market::PriceProvider {
 public:
  explicit FakePrices(std::string source = "fake") : source_(std::move(source)) {}

  const std::string& source() const override { return source_; }
  bool local() const override { return false; }
  market::Series fetch(std::string_view symbol, DateRange range) override;

  void set(const std::string& symbol, Date day, const std::string& close) { closes_[{symbol, day}] = close; }
  void hide(const std::string& symbol, Date day) { hidden_.insert({symbol, day}); }
  void show(const std::string& symbol, Date day) { hidden_.erase({symbol, day}); }
  void refuse(const std::string& symbol, Date day, const std::string& why) { refused_[{symbol, day}] = why; }
  void accept(const std::string& symbol, Date day) { refused_.erase({symbol, day}); }
  void reach_back_to(std::optional<Date> day) { reach_ = day; }
  /// Every call for that symbol ("*": any) ends so, until heal().
  void fail(const std::string& symbol, Error error) { errors_.insert_or_assign(symbol, std::move(error)); }
  void heal() { errors_.clear(); }
  market::Adjustment adjustment() override { return adjustment_; }
  void adjust(market::Adjustment adjustment) { adjustment_ = adjustment; }
  bool tells_splits() const override { return tells_splits_; }
  /// Asked as "splits KO". Of a symbol that it was not told of there are none.
  std::vector<market::CorporateAction> splits(std::string_view symbol) override;
  void tell_splits(std::vector<market::CorporateAction> splits) {
    tells_splits_ = true;
    splits_ = std::move(splits);
  }
  /// Called at the beginning of every call, after it was counted.
  void on_call(std::function<void(const std::string& symbol)> hook) { hook_ = std::move(hook); }

  std::vector<std::string> asked() const;
  int calls() const { return static_cast<int>(asked().size()); }
  int calls(const std::string& symbol) const;

 private:
  using Key = std::pair<std::string, Date>;
  void count(const std::string& name);

  std::string source_;
  market::Adjustment adjustment_ = market::Adjustment::none;
  bool tells_splits_ = false;
  std::vector<market::CorporateAction> splits_;
  std::map<Key, std::string> closes_;
  std::set<Key> hidden_;
  std::map<Key, std::string> refused_;
  std::optional<Date> reach_;
  std::map<std::string, Error> errors_;
  std::function<void(const std::string&)> hook_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

/// AAPL BUY, MSFT BUY, XOM SELL, or others.
class FakePicker final : public picks::Picker {
 public:
  explicit FakePicker(std::vector<std::string> tickers = {"AAPL", "MSFT", "XOM"},
                      bool sees_the_future = false)
      : tickers_(std::move(tickers)), sees_the_future_(sees_the_future) {}
  std::string name() const override { return "fake"; }
  bool sees_the_future() const override { return sees_the_future_; }
  picks::Picked pick(Date run_date, const std::string& benchmark) override;
  int calls() const { return calls_; }
  void fail(std::optional<Error> error) { error_ = std::move(error); }

 private:
  std::vector<std::string> tickers_;
  bool sees_the_future_;
  std::optional<Error> error_;
  int calls_ = 0;
};

/// One process: its own connection, ledger and view of the clock.
class TestDesk {
 public:
  TestDesk(const TestDb& home, const std::string& now, kernel::LedgerOptions options = {},
           std::function<void(std::string_view)> probe = {});

  /// Prices come from this provider where a batch names its source. It must outlive the desk.
  TestDesk& add(market::PriceProvider& prices);
  market::Closes& closes(const std::string& source);
  picks::Workbench desk();

  std::unique_ptr<kernel::Db> db;
  std::ostringstream lines;
  kernel::Log log{lines, {}};
  FakeClock clock;
  kernel::Stop stop;
  kernel::Ledger ledger;
  kernel::ClockGuard guard{*db, clock};

 private:
  std::map<std::string, market::PriceProvider*> providers_;
  std::map<std::string, std::unique_ptr<market::Closes>> closes_;
};

/// TIME_SERIES_DAILY of made-up closes: the 100 sessions up to and including `last`.
/// After a split they are what they were traded at.
std::string alpha_vantage_body(const std::string& symbol, Date last,
                               const std::optional<market::CorporateAction>& split = {});
/// A chat completion that holds AAPL BUY, MSFT BUY, XOM SELL.
std::string chat_completion_body();

/// Both vendors behind one transport; counts the requests by "chat", by symbol, or as "splits AAPL".
class FakeVendors final : public kernel::Transport {
 public:
  /// last: the latest session that Alpha Vantage lists.
  explicit FakeVendors(Date last, std::optional<market::CorporateAction> split = {})
      : last_(last), split_(std::move(split)) {}
  kernel::HttpResponse send(const kernel::HttpRequest& request) override;
  /// Called before and after each request was counted; may throw.
  void probe(std::function<void(std::string_view)> hook) { probe_ = std::move(hook); }
  std::map<std::string, int> counts() const;
  int count(const std::string& name) const;

 private:
  Date last_;
  std::optional<market::CorporateAction> split_;
  std::function<void(std::string_view)> probe_;
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

/// The value of a query parameter.
std::string query_parameter(std::string_view url, std::string_view name);

}  // namespace am::test
