#include "page_parts.hpp"

#include "am/base/html.hpp"
#include "am/kernel/desk.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"
#include "documents.hpp"
#include "web/page_layout.hpp"

namespace am::web {

std::string batch_path(Date run_date) { return std::string(kBatchesPage) + "/" + run_date.to_string(); }

std::string left_out_html(std::size_t count) {
  if (count == 0) return {};
  return (count == 1 ? "<p>1 stored figure cannot be right"
                     : "<p>" + std::to_string(count) + " stored figures cannot be right") +
         ", and the days that need it are left out: <code>am report</code> says which.</p>";
}

std::optional<std::string_view> closed_reason(Date date) {
  if (!market::kCalendarRange.contains(date)) return std::nullopt;
  return market::closed_reason(date);
}

int last_day(const picks::BatchHistory& history) {
  return history.days.empty() ? 0 : history.days.back().date - history.batch.run_date + 1;
}

std::string answer_text(const picks::BatchHistory& history, const picks::BatchLine& line) {
  const bool over = line.batch.status == "completed";
  if (!line.mean_excess_pct && !history.doubts.empty())
    return "What is stored of this batch cannot be right: there is nothing to compare.";
  if (!line.mean_excess_pct) {
    if (line.batch.status == "failed")
      return "This batch has failed before its first day: it needs a person.";
    if (over) return "All 14 days were skipped: there is nothing to compare.";
    const int day = last_day(history) + 1;
    return "Picked, and not measured yet: day " + std::to_string(day) + " is due at 9:00 in New York on " +
           long_date(history.batch.run_date + day) + ".";
  }
  const std::string trades = "the same trades in " + line.batch.benchmark_symbol;
  const std::string size = line.mean_excess_pct->abs().to_fixed(2);
  const std::string place = (over ? "ended " : "are ") + (size == "0.00" ? "level with " + trades
                                                          : line.mean_excess_pct->is_negative()
                                                              ? size + " points behind " + trades
                                                              : size + " points ahead of " + trades);
  if (over) return "After 14 days the picks " + place + ".";
  const std::string text = "Day " + std::to_string(last_day(history)) + " of 14: the picks " + place + ".";
  return line.batch.status == "failed" ? text + " The batch has failed since: it needs a person." : text;
}

std::string missing_notice(Date newest, Instant now) {
  Date expected = picks::current_run_date(now);
  if (now < picks::weekly_due_at(expected) + kernel::Job().overdue_after) expected = expected - 7;
  if (newest >= expected) return {};
  const int weeks = (expected - newest) / 7;
  return notice_html("The newest batch is that of " + date_html(newest, newest.to_string()) + "; " +
                     (weeks == 1 ? "the one of " + date_html(expected, expected.to_string()) + " is overdue: "
                                 : std::to_string(weeks) + " weeks since then have none: ") +
                     link_html("/pages/status", "status") + ".");
}

std::string_view words_html() {
  return "<p>Return follows the price. Earned is what following the advice earned: the return, with its sign flipped for "
         "a SELL. Benchmark, same side, is what the same trade in the benchmark earned. Excess is earned minus that, in "
         "percentage points and before costs; a batch's figures are the means of its picks. Each figure is rounded by "
         "itself, so a difference by eye may be 0.01 off. "
         "<a href=\"/pages/glossary\">All words</a>.</p>";
}

}  // namespace am::web
