#include "day_closes.hpp"

#include "am/market/action_store.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

void DayCloses::look_up() {
  actions_ = source().actions();
  adjusted_ = source().adjusted_as_a_whole();
  if (!actions_.empty())
    baseline_bases_ = source().bases(baseline_session(batch_.run_date), symbols_of(batch_));
}

std::optional<market::ClosesOnDay> DayCloses::known() {
  look_up();
  const std::vector<std::string> symbols = basis().symbols();
  if (symbols.empty()) return market::ClosesOnDay{};
  std::optional<market::ClosesOnDay> day = source().known(day_, symbols);
  if (day && source().can_explain(day->unexplained)) return std::nullopt;
  return day;
}

market::ClosesOnDay DayCloses::ask() {
  look_up();  // another process may have been at it while this one waited
  market::ClosesOnDay day = on_day();
  if (!day.complete() || !source().can_explain(day.unexplained)) return day;
  source().explain(day.unexplained);
  look_up();
  return source().known(day_, basis().symbols()).value_or(day);
}

market::ClosesOnDay DayCloses::on_day() const {
  const std::vector<std::string> symbols = basis().symbols();
  if (symbols.empty()) return {};
  try {
    return source().on(day_, symbols);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
    throw error.with_text(error.message(),
                          (error.hint().empty() ? "" : error.hint() + "; ") +
                              "to give the day up, once it is a day late: am checkpoint --batch " +
                              batch_.run_date.to_string() + " --day " +
                              std::to_string(day_ - batch_.run_date + 1) + " --skip REASON");
  }
}

void DayCloses::note_own(kernel::Sql& sql, const std::vector<market::Move>& moves) const {
  if (!source().local()) return;
  const Date baseline = baseline_session(batch_.run_date);
  for (const std::string& ticker : symbols_of(batch_)) {
    for (const market::CorporateAction& split : market::splits_between(actions_, ticker, baseline, day_)) {
      if (split.source == batch_.price_source) market::note_action(sql, split, true);
    }
  }
  if (!adjusted_) return;
  for (const market::Move& move : moves) {
    market::note_action(
        sql,
        {.symbol = market::canonical_symbol(move.symbol), .day = move.day, .source = batch_.price_source},
        true);
  }
}

}  // namespace am::picks
