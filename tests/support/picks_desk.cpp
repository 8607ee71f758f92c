#include "support/picks_desk.hpp"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "am/market/calendar.hpp"
#include "support/scripted_http.hpp"

namespace am::test {

using OrderedJson = nlohmann::ordered_json;

Instant moment(const std::string& rfc3339) {
  const auto at = parse_rfc3339(rfc3339);
  if (!at) throw std::runtime_error("not a moment: " + rfc3339);
  return *at;
}

std::string made_up_close(std::string_view symbol, Date day) {
  unsigned seed = 7;
  for (const char c : symbol) seed = seed * 31 + static_cast<unsigned char>(c);
  const auto number = static_cast<unsigned>(day.days().time_since_epoch().count());
  const unsigned cents = 10000 + seed % 9000 + (number * 137 + seed) % 400;
  const std::string fraction = std::to_string(cents % 100);
  return std::to_string(cents / 100) + (fraction.size() == 1 ? ".0" : ".") + fraction;
}

void FakePrices::count(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(name);
  }
  if (hook_) hook_(name);
  for (const std::string& key : {name, std::string("*")}) {
    if (const auto error = errors_.find(key); error != errors_.end()) throw Error(error->second);
  }
}

std::vector<market::CorporateAction> FakePrices::splits(std::string_view symbol) {
  count("splits " + std::string(symbol));
  std::vector<market::CorporateAction> all;
  std::ranges::copy_if(splits_, std::back_inserter(all),
                       [&](const market::CorporateAction& split) { return split.symbol == symbol; });
  return all;
}

market::Series FakePrices::fetch(std::string_view symbol, DateRange range) {
  const std::string name(symbol);
  count(name);
  market::Series series;
  series.reaches_back_to = reach_;
  for (Date day = std::max(range.first, reach_.value_or(range.first)); day <= range.last; day = day + 1) {
    const Key key{name, day};
    if (const auto bad = refused_.find(key); bad != refused_.end()) {
      series.refused.emplace(day, bad->second);
    } else if (const auto close = closes_.find(key); close != closes_.end()) {
      series.closes.push_back({day, Decimal::of(close->second)});
    } else if (market::is_session(day) && !hidden_.contains(key)) {
      series.closes.push_back({day, Decimal::of(made_up_close(symbol, day))});
    }
  }
  return series;
}

std::vector<std::string> FakePrices::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

int FakePrices::calls(const std::string& symbol) const {
  return static_cast<int>(std::ranges::count(asked(), symbol));
}

picks::Picked FakePicker::pick(Date run_date, const std::string& /*benchmark*/) {
  ++calls_;
  if (error_) throw Error(*error_);
  picks::Picked picked;
  picked.picker = name();
  for (const std::string& ticker : tickers_) {
    picked.picks.push_back({ticker, ticker == tickers_.back() ? picks::Action::sell : picks::Action::buy,
                            "the reasoning about " + ticker + " on " + run_date.to_string()});
  }
  return picked;
}

TestDesk::TestDesk(const TestDb& home, const std::string& now, kernel::LedgerOptions options,
                   std::function<void(std::string_view)> probe)
    : db(home.open(std::move(probe))), clock(now), ledger(*db, log, stop, options) {}

TestDesk& TestDesk::add(market::PriceProvider& prices) {
  providers_[prices.source()] = &prices;
  return *this;
}

market::Closes& TestDesk::closes(const std::string& source) {
  auto& known = closes_[source];
  if (!known) {
    const auto provider = providers_.find(source);
    if (provider == providers_.end())
      throw Error(ErrorKind::usage, "price source \"" + source + "\": unknown");
    known = std::make_unique<market::Closes>(*db, ledger, log, clock, *provider->second);
  }
  return *known;
}

picks::Workbench TestDesk::desk() {
  return {*db, ledger, log, clock, guard, stop, [this](const std::string& source) -> market::Closes& {
            return closes(source);
          }};
}

std::string alpha_vantage_body(const std::string& symbol, Date last,
                               const std::optional<market::CorporateAction>& split) {
  OrderedJson days = OrderedJson::object();
  Date day = last;
  for (int i = 0; i < 100; ++i, day = market::previous_session(day)) {
    std::string close = made_up_close(symbol, day);
    if (split && split->symbol == symbol && split->day <= day)
      close = (Decimal::of(close) / split->ratio).to_string();
    days[day.to_string()] = {
        {"1. open", close}, {"2. high", close}, {"3. low", close}, {"4. close", close}, {"5. volume", "1"}};
  }
  return OrderedJson{{"Meta Data", {{"1. Information", "Daily Prices"}, {"2. Symbol", symbol}}},
                     {"Time Series (Daily)", days}}
      .dump();
}

namespace {

std::string alpha_vantage_splits_body(const std::string& symbol,
                                      const std::optional<market::CorporateAction>& split) {
  OrderedJson data = OrderedJson::array();
  if (split && split->symbol == symbol)
    data.push_back({{"effective_date", split->day.to_string()}, {"split_factor", split->ratio.to_fixed(4)}});
  return OrderedJson{{"symbol", symbol}, {"data", data}}.dump();
}

}  // namespace

std::string chat_completion_body() {
  OrderedJson picks = OrderedJson::array();
  for (const auto& [ticker, action] : {std::pair{"AAPL", "BUY"}, {"MSFT", "BUY"}, {"XOM", "SELL"}}) {
    picks.push_back({{"ticker", ticker}, {"action", action}, {"reasoning", "because of reasons"}});
  }
  return OrderedJson{
      {"model", "gpt-4o-mini-2024-07-18"},
      {"choices",
       {{{"index", 0},
         {"message", {{"role", "assistant"}, {"content", OrderedJson{{"picks", picks}}.dump()}}},
         {"finish_reason", "stop"}}}},
      {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 200}}}}
      .dump();
}

kernel::HttpResponse FakeVendors::send(const kernel::HttpRequest& request) {
  const bool chat = request.url.find("/chat/completions") != std::string::npos;
  const std::string symbol = query_parameter(request.url, "symbol");
  const bool splits = query_parameter(request.url, "function") == "SPLITS";
  const std::string name = chat ? "chat" : (splits ? "splits " : "") + symbol;
  if (probe_) probe_("before the request " + name);
  {
    const std::lock_guard lock(mutex_);
    ++counts_[name];
  }
  if (probe_) probe_("after the request " + name);
  if (splits) return ok(alpha_vantage_splits_body(symbol, split_));
  return ok(chat ? chat_completion_body() : alpha_vantage_body(symbol, last_, split_));
}

std::map<std::string, int> FakeVendors::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

int FakeVendors::count(const std::string& name) const {
  const auto all = counts();
  const auto found = all.find(name);
  return found == all.end() ? 0 : found->second;
}

std::string query_parameter(std::string_view url, std::string_view name) {
  for (const char separator : {'?', '&'}) {
    const std::size_t at = url.find(separator + std::string(name) + "=");
    if (at == std::string_view::npos) continue;
    const std::string_view value = url.substr(at + name.size() + 2);
    return std::string(value.substr(0, value.find('&')));
  }
  return {};
}

}  // namespace am::test
