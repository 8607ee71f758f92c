// What splits, renames and ends of listing are to the closes of a source: which are known, on which basis a close is, and
// asking the vendor about a move that none of them explains.

#include <algorithm>

#include "am/kernel/new_york.hpp"
#include "am/market/action_store.hpp"
#include "am/market/closes.hpp"
#include "am/market/symbol.hpp"

namespace am::market {

namespace {

/// The vendor has no part in why these end the work. What is away may be the database: an error of the vendor's begins with
/// its name.
bool ends_the_work(const Error& error, const std::string& vendor) {
  switch (error.kind()) {
    case ErrorKind::unavailable:
      return !error.message().starts_with(vendor);
    case ErrorKind::data:
    case ErrorKind::deferred:
    case ErrorKind::denied:
    case ErrorKind::config:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::string Move::text() const {
  return symbol + ": close " + close.to_string() + " on " + day.to_string() + " after " + before.to_string() +
         " on " + before_day.to_string() + " (a split?)";
}

std::vector<CorporateAction> actions_of_source(PriceProvider& provider, std::vector<CorporateAction> stored) {
  if (provider.adjustment() == Adjustment::whole) return {};
  if (provider.local()) {  // what was noted of its file before may have been mended there
    std::erase_if(stored, [&](const CorporateAction& action) { return action.source == provider.source(); });
    std::ranges::move(provider.known_actions(), std::back_inserter(stored));
  }
  return actions_for(stored, provider.source());
}

std::vector<CorporateAction> Closes::actions() {
  if (adjusted_as_a_whole()) return {};
  return actions_of_source(provider_, actions_of(db_.query(actions_statement().sql)));
}

std::map<std::string, Date> Closes::bases(Date day, const std::vector<std::string>& symbols) {
  std::map<std::string, Date> bases;
  if (provider_.adjustment() == Adjustment::at_fetch) {
    for (const auto& [symbol, series] : cached(symbols, {day, day})) {
      if (const Close* close = series.at(day); close != nullptr && close->basis)
        bases.emplace(symbol, *close->basis);
    }
  }
  for (const std::string& symbol : symbols) bases.emplace(symbol, day);
  return bases;
}

std::vector<Move> Closes::left_unexplained(std::vector<Move> moves, const SymbolSeries& series) {
  if (adjusted_as_a_whole()) return {};
  const std::vector<CorporateAction> known = actions();
  std::erase_if(moves, [&](const Move& move) {
    if (!splits_between(known, move.symbol, move.before_day, move.day).empty()) return true;
    const Series& closes = series.at(move.symbol);
    const Close* before = closes.at(move.before_day);
    const Close* close = closes.at(move.day);
    return before->basis && close->basis &&
           !splits_between(known, move.symbol, *before->basis, *close->basis).empty();
  });
  return moves;
}

bool Closes::can_explain(const std::vector<Move>& moves) {
  return provider_.tells_splits() && std::ranges::any_of(moves, [&](const Move& move) {
           return !was_asked(db_, source(), move.symbol, move.day);
         });
}

std::optional<std::vector<CorporateAction>> Closes::splits_of(const std::string& symbol) {
  bool reserved = false;  // until then it is the database, which keeps the budget, that answers or is away
  try {
    provider_.reserve(1);
    reserved = true;
    return provider_.splits(symbol);
  } catch (const Error& error) {
    const bool of_database = !reserved && error.kind() != ErrorKind::deferred;
    if (of_database || ends_the_work(error, source())) throw;
    log_.warn("its splits could not be asked for", {{"symbol", symbol}, {"error", error.message()}});
    return std::nullopt;
  }
}

void Closes::explain(const std::vector<Move>& moves) {
  if (!can_explain(moves)) return;
  with_lease([&] {
    for (const Move& move : moves) {
      if (was_asked(db_, source(), move.symbol, move.day)) continue;
      const auto splits = splits_of(move.symbol);
      if (!splits) continue;
      ledger_.until_stored([&] {
        const std::unique_ptr<kernel::Transaction> tx = db_.begin();
        for (const CorporateAction& split : *splits) note_action(*tx, split, true);
        note_asked(*tx, source(), move.symbol, move.day);
        tx->commit();
      });
    }
  });
}

}  // namespace am::market
