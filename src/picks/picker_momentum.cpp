#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/market/calendar.hpp"
#include "am/market/closes.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/rules.hpp"

namespace am::picks {

namespace {

using Json = nlohmann::ordered_json;
using market::CorporateAction;

constexpr std::size_t kFrom = 252;  ///< sessions back at which the return begins
constexpr std::size_t kTo = 21;     ///< and ends
/// How far after the run date a file is read, so that the next weeks of a backfill need no further copy.
constexpr int kAheadDays = 366;

/// The last NYSE session before run_date and the 252 before that one, ascending.
std::vector<Date> sessions_before(Date run_date) {
  std::vector<Date> days(kFrom + 1);
  Date day = run_date;
  for (auto at = days.rbegin(); at != days.rend(); ++at) *at = day = market::previous_session(day);
  return days;
}

struct Ranked {
  std::string ticker;
  Decimal from;
  Decimal to;
  Decimal shares;  ///< as many at `to` for one at `from`: 1 without a split
  Decimal change;  ///< to · shares / from − 1
};

std::string percent(const Decimal& change) {
  const std::string text = (change * Decimal(100)).to_fixed(2);
  return (change.is_positive() ? "+" : "") + text + " %";
}

class MomentumPicker final : public Picker {
 public:
  MomentumPicker(market::PriceProvider& prices, market::Universe universe, KnownActions noted)
      : prices_(prices),
        universe_(std::move(universe)),
        noted_(std::move(noted)),
        label_(one_line(universe_.name, 100)) {
    for (std::string& symbol : universe_.symbols) symbol = market::canonical_symbol(symbol);
    std::ranges::sort(universe_.symbols);
    const auto twice = std::ranges::unique(universe_.symbols);
    universe_.symbols.erase(twice.begin(), twice.end());
    if (universe_.as_of) label_ += " as of " + universe_.as_of->to_string();
  }

  std::string name() const override { return "momentum"; }
  bool sees_the_future() const override { return false; }

  Picked pick(Date run_date, const std::string& benchmark) override {
    const std::vector<Date> sessions = sessions_before(run_date);
    load(sessions.front(), sessions.back());
    const auto actions =
        market::actions_of_source(prices_, noted_ ? noted_() : std::vector<CorporateAction>{});
    std::vector<Ranked> ranked;
    Json left_out = Json::array();
    for (const std::string& symbol : universe_.symbols) {
      const std::string problem = market::is_same_share(symbol, benchmark)
                                      ? "the benchmark"
                                      : rank(symbol, sessions, actions, ranked);
      if (!problem.empty()) left_out.push_back({{"symbol", symbol}, {"reason", problem}});
    }
    if (ranked.size() < kPicksPerBatch) refuse(run_date, sessions, ranked.size(), left_out);
    std::ranges::sort(ranked, [](const Ranked& a, const Ranked& b) {
      return a.change == b.change ? a.ticker < b.ticker : a.change > b.change;
    });
    const std::size_t n = ranked.size();
    Picked picked;
    picked.picker = name();
    for (const auto& [index, action] :
         {std::pair{std::size_t{0}, Action::buy}, {std::size_t{1}, Action::buy}, {n - 1, Action::sell}}) {
      picked.picks.push_back(
          {ranked[index].ticker, action, reasoning(ranked[index], index + 1, n, sessions)});
    }
    picked.record_json = record(run_date, sessions, ranked, left_out);
    return picked;
  }

 private:
  struct Cached {
    DateRange range;
    market::Series series;
  };

  void load(Date first, Date last) {
    std::vector<std::string> lacking;
    for (const std::string& symbol : universe_.symbols) {
      const auto found = cache_.find(symbol);
      const bool covered =
          found != cache_.end() && found->second.range.first <= first && last <= found->second.range.last;
      if (is_ticker(symbol) && !covered) lacking.push_back(symbol);
    }
    if (lacking.empty()) return;
    const DateRange range{first, prices_.local() ? last + kAheadDays : last};
    prices_.reserve(static_cast<int>(lacking.size()));
    for (const std::string& symbol : lacking)
      cache_.insert_or_assign(symbol, Cached{range, prices_.fetch(symbol, range)});
  }

  /// Adds the symbol's return, or tells why there is none.
  std::string rank(const std::string& symbol, const std::vector<Date>& sessions,
                   const std::vector<CorporateAction>& actions, std::vector<Ranked>& into) const {
    if (!is_ticker(symbol)) return "not a ticker";
    const market::Series& series = cache_.at(symbol).series;
    const std::vector<market::Close>& closes = series.closes;
    auto at = std::ranges::lower_bound(closes, sessions.front(), {}, &market::Close::day);
    const Decimal* from = nullptr;
    const Decimal* to = nullptr;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      // A record of a day without a session (an index value on a holiday) is passed over.
      while (at != closes.end() && at->day < sessions[i]) ++at;
      if (at == closes.end() || at->day != sessions[i]) {
        const auto bad = series.refused.find(sessions[i]);
        return bad == series.refused.end() ? "no close on " + sessions[i].to_string() : one_line(bad->second);
      }
      if (const auto problem = market::price_problem(at->close))
        return "close " + market::short_number(at->close.to_string()) + " on " + sessions[i].to_string() +
               " " + *problem;
      if (i == 0) from = &at->close;
      if (i == kFrom - kTo) to = &at->close;
    }
    const Decimal shares = market::factor_between(actions, symbol, sessions.front(), sessions[kFrom - kTo]);
    into.push_back({symbol, *from, *to, shares, *to * shares / *from - Decimal(1)});
    return {};
  }

  std::string reasoning(const Ranked& stock, std::size_t place, std::size_t of,
                        const std::vector<Date>& sessions) const {
    return "momentum " + percent(stock.change) + " from 252 to 21 sessions before: close " +
           stock.from.to_string() + " on " + sessions.front().to_string() + ", " + stock.to.to_string() +
           " on " + sessions[kFrom - kTo].to_string() +
           (stock.shares == Decimal(1)
                ? ""
                : ", when a share had become " + market::short_number(stock.shares.to_string())) +
           "; rank " + std::to_string(place) + " of " + std::to_string(of) + " in " + label_;
  }

  [[noreturn]] void refuse(Date run_date, const std::vector<Date>& sessions, std::size_t complete,
                           const Json& left_out) const {
    std::string example;
    if (!left_out.empty()) {
      example = " (" + left_out[0]["symbol"].get<std::string>() + ": " +
                left_out[0]["reason"].get<std::string>() + ")";
    }
    throw Error(ErrorKind::data,
                "momentum " + run_date.to_string() + ": only " + std::to_string(complete) + " of " +
                    std::to_string(universe_.symbols.size()) + " symbols in " + label_ +
                    " have a close on each of the 253 sessions before it, expected at least 3" + example,
                "it needs closes from " + sessions.front().to_string() + " to " +
                    sessions.back().to_string() + ": choose a later run date or a longer price history");
  }

  std::string record(Date run_date, const std::vector<Date>& sessions, const std::vector<Ranked>& ranked,
                     const Json& left_out) const {
    Json notes = Json::array();
    if (!universe_.as_of) {
      notes.push_back("survivorship: the universe has no date");
    } else if (*universe_.as_of > run_date) {
      notes.push_back("survivorship: the universe is of " + universe_.as_of->to_string() +
                      ", later than the run date");
    }
    Json ranking = Json::array();
    for (const Ranked& stock : ranked) {
      Json line{{"ticker", stock.ticker},
                {"from", stock.from.to_string()},
                {"to", stock.to.to_string()},
                {"return", stock.change.to_string()}};
      if (stock.shares != Decimal(1)) line["shares"] = stock.shares.to_string();
      ranking.push_back(std::move(line));
    }
    const Json json{{"universe",
                     {{"name", universe_.name},
                      {"as_of", universe_.as_of ? Json(universe_.as_of->to_string()) : Json()}}},
                    {"prices", prices_.source()},
                    {"from", sessions.front().to_string()},
                    {"to", sessions[kFrom - kTo].to_string()},
                    {"last", sessions.back().to_string()},
                    {"ranking", std::move(ranking)},
                    {"left_out", left_out},
                    {"notes", std::move(notes)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  market::PriceProvider& prices_;
  market::Universe universe_;
  KnownActions noted_;
  std::string label_;
  std::map<std::string, Cached, std::less<>> cache_;
};

}  // namespace

std::unique_ptr<Picker> make_momentum_picker(market::PriceProvider& prices, market::Universe universe,
                                             KnownActions noted) {
  return std::make_unique<MomentumPicker>(prices, std::move(universe), std::move(noted));
}

}  // namespace am::picks
