#include "page_parts.hpp"

#include "am/market/calendar.hpp"
#include "documents.hpp"

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

}  // namespace am::web
