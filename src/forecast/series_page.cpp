#include "am/forecast/series_page.hpp"

#include <algorithm>
#include <limits>

#include "am/base/date_text.hpp"
#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/page_style.hpp"
#include "am/base/standalone_page.hpp"

namespace am::forecast {

namespace {

std::string plain_head(Date day) {
  return date_html(day, weekday_date(day) + " " + std::to_string(day.year()));
}

std::string drawing_of(const SeriesSheet& sheet) {
  if (!sheet.drawn_from) return bands_html(sheet.days);
  return bands_html(
      {std::ranges::lower_bound(sheet.days, *sheet.drawn_from, {}, &SeriesDay::date), sheet.days.end()});
}

constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

}  // namespace

std::vector<SeriesDay> days_of(const std::vector<Observed>& known, const std::vector<Prediction>& predicted) {
  std::vector<SeriesDay> days;
  auto next = known.begin();
  const auto take_known = [&](const std::optional<Date>& before) {
    for (; next != known.end() && (!before || next->date < *before); ++next)
      days.push_back({.date = next->date, .value = next->value});
  };
  for (const Prediction& day : predicted) {
    take_known(day.date);
    if (next != known.end() && next->date == day.date) ++next;
    days.push_back({.date = day.date, .value = day.value, .bounds = day.bounds, .as_of = day.as_of});
  }
  take_known({});
  return days;
}

void add_earlier(std::vector<SeriesDay>& days, const std::vector<EarlierForecast>& earlier) {
  for (const EarlierForecast& said : earlier) {
    const auto at = std::ranges::lower_bound(days, said.date, {}, &SeriesDay::date);
    if (at == days.end() || at->date != said.date) continue;
    at->week_before = said.week_before;
    at->month_before = said.month_before;
  }
}

std::span<const SeriesDay> days_to_come(const std::vector<SeriesDay>& days) {
  const auto last = std::find_if(days.rbegin(), days.rend(), [](const SeriesDay& day) { return day.value; });
  return {last.base(), days.end()};
}

std::string answer_html(const SeriesSheet& sheet) {
  const std::span<const SeriesDay> coming = days_to_come(sheet.days);
  const auto next = std::ranges::find_if(coming, [](const SeriesDay& day) { return day.bounds.has_value(); });
  if (next != coming.end()) {
    return "On " + long_date(next->date) + " expected: " + figure_html(next->bounds->y_hat) +
           (sheet.unit ? " " + escape_html(*sheet.unit) : "") + "; in 95 of 100 cases " +
           range_html(next->bounds->lo, next->bounds->hi) + ".";
  }
  if (coming.size() == sheet.days.size()) return "Nothing is known of this series yet.";
  int came = 0;
  int within = 0;
  for (const SeriesDay& day : sheet.days) {
    if (!day.bounds || !day.value) continue;
    ++came;
    if (day.bounds->lo <= *day.value && *day.value <= day.bounds->hi) ++within;
  }
  const std::string nothing = "Nothing is expected of the days to come: no forecast was asked for.";
  return came == 0 ? nothing
                   : nothing + " Of " + std::to_string(came) + " days that were predicted and came, " +
                         std::to_string(within) + " lay within the bounds at 95\u00a0%.";
}

std::string render_html(const SeriesSheet& sheet) {
  std::string head = "<h1>" + escape_html(sheet.name) + "</h1><p class=\"soft\">";
  if (sheet.unit) head += "In " + escape_html(*sheet.unit) + ". ";
  head += "What is expected by day, with bounds, and what came";
  if (sheet.as_of) head += "; as it was predicted of what was known on " + sheet.as_of->to_string();
  return standalone_page(
      {.title = sheet.name + ": forecast",
       .style = std::string(page_style()) + std::string(band_style()),
       .head_html = head + ".</p>",
       .main_html = "<p class=\"answer\">" + answer_html(sheet) + "</p>\n" + drawing_of(sheet) +
                    coming_html(sheet.days, kAllRows, plain_head) + totals_html(sheet.totals) +
                    past_html(sheet.days, kAllRows, plain_head) + scores_html(sheet.scores),
       .foot_html =
           "<p>As of: the newest day that a forecast looked at. Bounds hold what comes in 80, and in 95, of 100 cases. MASE: "
           "mean absolute error in units of the usual step of one season; the smaller the better.</p>"});
}

}  // namespace am::forecast
