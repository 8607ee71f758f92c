#include "am/picks/moves.hpp"

#include <algorithm>
#include <cmath>

#include "am/market/action_store.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/rules.hpp"

namespace am::picks {

namespace {

using market::CorporateAction;

/// Whether a split between the two days, or the end of the listing, makes the move what it is. A split whose ratio the move
/// itself has is not in the prices yet.
enum class Explained { no, yes, not_applied };

Explained explained(const DoubtfulMove& move, Date baseline, std::span<const CorporateAction> actions) {
  if (const auto end = market::end_of_listing(actions, move.ticker, baseline, move.day);
      end && end->day > move.before_day)
    return Explained::yes;
  const std::string symbol = market::symbol_on(actions, move.ticker, baseline, move.before_day);
  const auto splits = market::splits_between(actions, symbol, move.before_day, move.day);
  if (splits.empty()) return Explained::no;
  double ratio = 1;
  for (const CorporateAction& split : splits) ratio *= split.ratio.to_double();
  const double step = std::log(move.price.to_double() / move.before.to_double());
  return std::abs(step + std::log(ratio)) < std::abs(step) ? Explained::not_applied : Explained::yes;
}

struct Point {
  Date day;
  Decimal price;
};

void look(const std::string& ticker, const std::vector<Point>& points, Date baseline,
          std::span<const CorporateAction> actions, std::vector<DoubtfulMove>& into) {
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point& before = points[i - 1];
    const Point& now = points[i];
    if (!market::moved_by_a_quarter(before.price, now.price)) continue;
    DoubtfulMove move{ticker, now.day, before.day, now.price, before.price};
    const Explained how = explained(move, baseline, actions);
    move.known = how == Explained::not_applied;
    if (how != Explained::yes) into.push_back(std::move(move));
  }
}

}  // namespace

std::string DoubtfulMove::text() const {
  return ticker + " moved from " + market::short_number(before.to_string()) + " (" + before_day.to_string() +
         ") to " + market::short_number(price.to_string()) + " (" + day.to_string() + "), " +
         (known ? "and the split that is known is not in the prices" : "which no known split explains");
}

std::string way_out(Date run_date, const std::string& symbol, Date day, bool known) {
  const std::string again = "am checkpoint --batch " + run_date.to_string() + " --force";
  if (known) return "measure its days again: " + again;
  const std::string add = "am actions add " + symbol + " " + day.to_string() + " --split ";
  return "if it was a split: " + add + "RATIO (10 for 10:1); if it was real: " + add + "1; then: " + again;
}

std::vector<DoubtfulMove> doubtful_moves(const Batch& batch, Date baseline, std::span<const Checkpoint> days,
                                         std::span<const CorporateAction> actions) {
  std::vector<DoubtfulMove> moves;
  if (!batch.baseline_problem.empty()) return moves;
  const auto last = [](std::vector<Point>& points, Date day, const Decimal& price) {
    if (!market::price_problem(price)) points.push_back({day, price});
  };
  std::vector<std::vector<Point>> series(batch.picks.size() + 1);
  last(series[0], baseline, batch.benchmark_initial_price);
  for (std::size_t i = 0; i < batch.picks.size(); ++i)
    last(series[i + 1], baseline, batch.picks[i].initial_price);
  for (const Checkpoint& day : days) {
    if (!day.computed) continue;
    if (day.benchmark_price) last(series[0], day.date, *day.benchmark_price);
    for (const Metric& metric : day.metrics) {
      const auto pick = std::ranges::find(batch.picks, metric.pick_id, &StoredPick::id);
      if (pick != batch.picks.end())
        last(series[static_cast<std::size_t>(pick - batch.picks.begin()) + 1], day.date,
             metric.current_price);
    }
  }
  const bool any = std::ranges::any_of(series, [](const std::vector<Point>& points) {
    return std::ranges::adjacent_find(points, [](const Point& a, const Point& b) {
             return market::moved_by_a_quarter(a.price, b.price);
           }) != points.end();
  });
  if (!any) return moves;
  const std::vector<CorporateAction> own = market::actions_for(actions, batch.price_source);
  look(batch.benchmark_symbol, series[0], baseline, own, moves);
  for (std::size_t i = 0; i < batch.picks.size(); ++i)
    look(batch.picks[i].pick.ticker, series[i + 1], baseline, own, moves);
  return moves;
}

std::vector<std::string> action_notes(const Batch& batch, Date baseline, std::span<const Checkpoint> days,
                                      std::span<const CorporateAction> actions,
                                      std::span<const DoubtfulMove> moves) {
  const auto not_applied = [&](const std::string& ticker, Date day) {
    return std::ranges::any_of(moves, [&](const DoubtfulMove& move) {
      return move.known && move.ticker == ticker && move.before_day < day && day <= move.day;
    });
  };
  std::vector<std::string> notes;
  if (days.empty() || actions.empty()) return notes;
  const Date last = days.back().date;
  const std::vector<CorporateAction> own = market::actions_for(actions, batch.price_source);
  for (const std::string& ticker : symbols_of(batch)) {
    for (const CorporateAction& split : market::splits_between(own, ticker, baseline, last)) {
      if (split.ratio == Decimal(1)) continue;
      notes.push_back(ticker + " split on " + split.day.to_string() + ", " +
                      market::short_number(split.ratio.to_string()) + " new shares for one: " +
                      (not_applied(ticker, split.day) ? "its prices do not have it yet"
                                                      : "its prices are those of the baseline's shares"));
    }
    const std::string symbol = market::symbol_on(own, ticker, baseline, last);
    if (!market::is_same_share(symbol, ticker)) notes.push_back(ticker + " goes on as " + symbol);
    if (const auto end = market::end_of_listing(own, ticker, baseline, last))
      notes.push_back(ticker + " is not traded any more since " + end->day.to_string() +
                      ": its price stays " + end->price->to_string());
  }
  return notes;
}

}  // namespace am::picks
