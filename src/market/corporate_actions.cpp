#include "am/market/corporate_actions.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "am/market/symbol.hpp"

namespace am::market {

namespace {

constexpr std::string_view kLowestRatio = "0.00001";
constexpr std::string_view kHighestRatio = "100000";

/// A stretch of days in which a share keeps its symbol: the actions of that symbol after `after` are its own.
struct Stretch {
  std::string symbol;
  Date after;
  std::optional<CorporateAction> renamed;  ///< what ends it, when it ended by then
};

/// Under which symbols a share went from the close of `from` to `to`, in order; one at least.
std::vector<Stretch> stretches(std::span<const CorporateAction> actions, std::string_view symbol, Date from,
                               Date to) {
  std::vector<Stretch> all{{canonical_symbol(symbol), from, {}}};
  while (all.size() <= actions.size() + 1) {
    Stretch& last = all.back();
    for (const CorporateAction& action : actions) {
      if (action.kind == ActionKind::rename && action.symbol == last.symbol && last.after < action.day &&
          action.day <= to && (!last.renamed || action.day < last.renamed->day))
        last.renamed = action;
    }
    if (!last.renamed) break;
    all.push_back({canonical_symbol(last.renamed->new_symbol), last.renamed->day, {}});
  }
  return all;
}

/// Actions of a kind within a stretch. On the day of a rename either symbol may name them.
template <class Visit>
void visit(std::span<const CorporateAction> actions, ActionKind kind, const Stretch& stretch, bool first,
           Date to, Visit&& found) {
  const Date last = stretch.renamed ? stretch.renamed->day : to;
  for (const CorporateAction& action : actions) {
    const bool since = first ? stretch.after < action.day : stretch.after <= action.day;
    if (action.kind == kind && action.symbol == stretch.symbol && since && action.day <= last) found(action);
  }
}

}  // namespace

std::string_view action_kind_name(ActionKind kind) {
  switch (kind) {
    case ActionKind::split:
      return "split";
    case ActionKind::rename:
      return "rename";
    case ActionKind::delisted:
      return "delisted";
  }
  return "split";
}

std::optional<ActionKind> parse_action_kind(std::string_view text) {
  for (const ActionKind kind : {ActionKind::split, ActionKind::rename, ActionKind::delisted}) {
    if (text == action_kind_name(kind)) return kind;
  }
  return std::nullopt;
}

bool moved_by_a_quarter(const Decimal& before, const Decimal& after) {
  return ((after - before) / before).abs() > Decimal::of("0.25");
}

Result<Decimal> parse_ratio(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto share = Decimal::parse(text.substr(0, colon));
  const auto old = colon == text.npos ? std::optional(Decimal(1)) : Decimal::parse(text.substr(colon + 1));
  if (!share || !old)
    return Reject{"is not a ratio (expected new shares for old ones, such as 10, 0.1 or 3:2)"};
  const Decimal lowest = Decimal::of(kLowestRatio);
  const Decimal highest = Decimal::of(kHighestRatio);
  const auto within = [&](const Decimal& value) { return value >= lowest && value <= highest; };
  if (!within(*share) || !within(*old) || !within(*share / *old)) {
    return Reject{"cannot be right (expected " + std::string(kLowestRatio) + " to " +
                  std::string(kHighestRatio) + ")"};
  }
  return colon == text.npos ? *share : *share / *old;
}

std::vector<CorporateAction> splits_between(std::span<const CorporateAction> actions, std::string_view symbol,
                                            Date from, Date to) {
  std::vector<CorporateAction> splits;
  const std::vector<Stretch> way = stretches(actions, symbol, from, to);
  for (std::size_t i = 0; i < way.size(); ++i) {
    visit(actions, ActionKind::split, way[i], i == 0, to, [&](const CorporateAction& split) {
      // A split on the day of a rename is told under either symbol, or under both.
      if (std::ranges::find(splits, split.day, &CorporateAction::day) == splits.end())
        splits.push_back(split);
    });
  }
  std::ranges::stable_sort(splits, {}, &CorporateAction::day);
  return splits;
}

Decimal factor_between(std::span<const CorporateAction> actions, std::string_view symbol, Date from,
                       Date to) {
  if (to < from) return Decimal(1) / factor_between(actions, symbol, to, from);
  Decimal factor(1);
  for (const CorporateAction& split : splits_between(actions, symbol, from, to))
    factor = factor * split.ratio;
  return factor;
}

std::string symbol_on(std::span<const CorporateAction> actions, std::string_view symbol, Date from,
                      Date day) {
  return stretches(actions, symbol, from, day).back().symbol;
}

std::optional<CorporateAction> end_of_listing(std::span<const CorporateAction> actions,
                                              std::string_view symbol, Date from, Date day) {
  std::optional<CorporateAction> end;
  const std::vector<Stretch> way = stretches(actions, symbol, from, day);
  for (std::size_t i = 0; i < way.size(); ++i) {
    visit(actions, ActionKind::delisted, way[i], i == 0, day, [&](const CorporateAction& action) {
      if (!end || action.day < end->day) end = action;
    });
  }
  return end;
}

Series adjusted(const Series& series, std::span<const CorporateAction> actions, std::string_view symbol,
                Date basis_day) {
  Series result = series;
  const auto basis_of = [](const Close& close) { return close.basis.value_or(close.day); };
  Date first = basis_day;
  Date last = basis_day;
  for (const Close& close : result.closes) {
    first = std::min(first, basis_of(close));
    last = std::max(last, basis_of(close));
  }
  const std::vector<CorporateAction> splits = splits_between(actions, symbol, first, last);
  if (splits.empty()) return result;
  const auto since_first = [&](Date day) {
    Decimal factor(1);
    for (const CorporateAction& split : splits) {
      if (split.day <= day) factor = factor * split.ratio;
    }
    return factor;
  };
  const Decimal at_basis = since_first(basis_day);
  for (Close& close : result.closes) {
    close.close = close.close * since_first(basis_of(close));
    if (at_basis != Decimal(1)) close.close = close.close / at_basis;
    close.basis = basis_day;
  }
  return result;
}

void adjust(SeriesBySymbol& closes, std::span<const CorporateAction> actions, Date basis_day) {
  std::vector<CorporateAction> renames;
  std::ranges::copy_if(actions, std::back_inserter(renames),
                       [](const CorporateAction& action) { return action.kind == ActionKind::rename; });
  std::ranges::sort(renames, std::greater{}, &CorporateAction::day);  // A to B to C: first B goes on with C's
  for (const CorporateAction& action : renames) {
    const auto old = closes.find(action.symbol);
    const auto renamed = closes.find(action.new_symbol);
    if (old == closes.end() || renamed == closes.end()) continue;
    const auto since = [&](const Close& close) { return close.day >= action.day; };
    std::erase_if(old->second.closes, since);
    std::ranges::copy_if(renamed->second.closes, std::back_inserter(old->second.closes), since);
  }
  for (auto& [symbol, series] : closes) {
    Series on_basis = adjusted(series, actions, symbol, basis_day);
    series = std::move(on_basis);
  }
}

}  // namespace am::market
