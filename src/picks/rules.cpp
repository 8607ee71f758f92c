#include "am/picks/rules.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"

namespace am::picks {

namespace {

constexpr std::size_t kMaxReasoning = 4000;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

Reject at(std::size_t index, const std::string& problem) {
  return Reject{"pick " + std::to_string(index + 1) + ": " + problem};
}

std::string in_quotes(std::string_view text) { return "\"" + ellipsize(text, 40) + "\""; }

/// Why a share cannot be picked beside these; empty: it can.
std::string clash(const std::vector<Pick>& picks, std::string_view picked, std::string_view benchmark) {
  const std::string ticker(picked);
  for (const Pick& earlier : picks) {
    if (earlier.ticker == ticker) return ticker + " is picked twice";
    if (market::is_same_share(earlier.ticker, ticker))
      return ticker + " is picked twice: it is the same share as " + earlier.ticker;
  }
  if (market::is_same_share(ticker, benchmark))
    return ticker + " is the benchmark, which nothing is gained over by itself";
  return {};
}

/// "initial price 0 is not above zero".
std::optional<Reject> wrong_price(const char* what, const Decimal& price) {
  const auto problem = market::price_problem(price);
  if (!problem) return std::nullopt;
  return Reject{std::string(what) + " " + market::short_number(price.to_string()) + " " + *problem};
}

}  // namespace

std::vector<std::string> symbols_of(const Batch& batch) {
  std::vector<std::string> all{batch.benchmark_symbol};
  for (const StoredPick& stored : batch.picks) all.push_back(stored.pick.ticker);
  return all;
}

bool is_ticker(std::string_view text) {
  std::size_t letters = 0;
  while (letters < text.size() && is_upper(text[letters])) ++letters;
  if (letters < 1 || letters > 5) return false;
  const std::string_view rest = text.substr(letters);
  return rest.empty() || (rest.size() == 2 && (rest[0] == '.' || rest[0] == '-') && is_upper(rest[1]));
}

std::optional<Reject> pick_problem(const std::vector<Pick>& earlier, std::string_view ticker,
                                   std::string_view action, std::string_view reasoning,
                                   std::string_view benchmark) {
  if (!is_ticker(ticker))
    return Reject{in_quotes(ticker) + " is not a ticker (1 to 5 capitals, then perhaps .X or -X)"};
  if (std::string problem = clash(earlier, ticker, benchmark); !problem.empty())
    return Reject{std::move(problem)};
  if (action != "BUY" && action != "SELL")
    return Reject{"action must be BUY or SELL, got " + in_quotes(action)};
  if (trim(reasoning).empty()) return Reject{"the reasoning is empty"};
  if (reasoning.size() > kMaxReasoning || reasoning.find('\0') != reasoning.npos)
    return Reject{"the reasoning is above 4000 bytes or holds a NUL"};
  return std::nullopt;
}

Result<std::vector<Pick>> parse_picks(std::string_view text, std::string_view benchmark) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return Reject{"not JSON"};
  if (!json.is_object() || !json.contains("picks") || !json["picks"].is_array()) {
    return Reject{R"(not an object with an array "picks")"};
  }
  const auto& list = json["picks"];
  if (list.size() != kPicksPerBatch)
    return Reject{"expected exactly 3 picks, got " + std::to_string(list.size())};
  std::vector<Pick> picks;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto field = [&](const char* name) -> const std::string* {
      return list[i].is_object() && list[i].contains(name) ? list[i][name].get_ptr<const std::string*>()
                                                           : nullptr;
    };
    const std::string* ticker = field("ticker");
    const std::string* action = field("action");
    const std::string* reasoning = field("reasoning");
    if (ticker == nullptr || action == nullptr || reasoning == nullptr) {
      return at(i, "needs the texts ticker, action and reasoning");
    }
    if (const auto problem = pick_problem(picks, *ticker, *action, *reasoning, benchmark))
      return at(i, problem->reason);
    picks.push_back({*ticker, *action == "BUY" ? Action::buy : Action::sell, *reasoning});
  }
  return picks;
}

Result<Decimal> return_pct(const Decimal& initial, const Decimal& current) {
  if (auto problem = wrong_price("initial price", initial)) return *problem;
  if (auto problem = wrong_price("price", current)) return *problem;
  return (current - initial) / initial * Decimal(100);
}

Decimal directional(Action action, const Decimal& return_pct) {
  return action == Action::sell ? -return_pct : return_pct;
}

Result<Checkpoint> compute_checkpoint(const Batch& batch, Date session,
                                      const std::map<std::string, Decimal>& closes) {
  const auto close_of = [&](const std::string& symbol) -> const Decimal* {
    const auto it = closes.find(symbol);
    return it == closes.end() ? nullptr : &it->second;
  };
  const Decimal* benchmark = close_of(batch.benchmark_symbol);
  if (benchmark == nullptr) return Reject{batch.benchmark_symbol + ": no close"};
  const Result<Decimal> benchmark_return = return_pct(batch.benchmark_initial_price, *benchmark);
  if (!benchmark_return) return Reject{batch.benchmark_symbol + ": " + benchmark_return.error().reason};
  Checkpoint checkpoint{session, true, *benchmark, *benchmark_return, {}};
  for (const StoredPick& stored : batch.picks) {
    const Decimal* close = close_of(stored.pick.ticker);
    if (close == nullptr) return Reject{stored.pick.ticker + ": no close"};
    const Result<Decimal> absolute = return_pct(stored.initial_price, *close);
    if (!absolute) return Reject{stored.pick.ticker + ": " + absolute.error().reason};
    checkpoint.metrics.push_back({stored.id, *close, *absolute, *absolute - *benchmark_return});
  }
  return checkpoint;
}

DayDecision decide_day(bool is_session, bool closes_complete, Instant due, Instant now) {
  if (!is_session) return DayDecision::skip_closed;
  if (closes_complete) return DayDecision::compute;
  return now < due + kGrace ? DayDecision::wait : DayDecision::skip_late;
}

}  // namespace am::picks
