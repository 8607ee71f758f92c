// Why a day is forecast as it is, as far as rows say it: what its forecast knew, and how that changed. What each model
// said is not stored: the command computes it.

#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/text.hpp"
#include "am/forecast/series_page.hpp"
#include "am/forecast/store.hpp"
#include "page_forecast.hpp"
#include "series_reads.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

using forecast::figure_html;
using forecast::range_html;

/// $1 the series, $2 the day or null.
constexpr std::string_view kAsked =
    "WITH asked AS (SELECT p.* FROM forecast.predictions_daily p WHERE p.series = $1 AND p.date = coalesce($2::date, (SELECT "
    "min(n.date) FROM forecast.predictions_daily n WHERE n.series = $1 AND n.date > coalesce((SELECT max(o.date) FROM "
    "forecast.observations_daily o WHERE o.series = $1), '-infinity')))) ";

/// "2016-08-07 99, 2016-08-06 98" of the rows of that kind.
std::string known_days(const kernel::Rows& rows, std::string_view kind) {
  std::vector<std::string> parts;
  for (const kernel::Row row : rows) {
    if (row.text("kind") == kind)
      parts.push_back(row.text("date") + "\u00a0" + figure_html(figure_of(row, "value")));
  }
  return join(parts, ", ");
}

std::string fact_row(const std::string& name_html, const std::string& html) {
  return html.empty() ? html : "<tr>" + row_head(name_html) + cell(html, "t wrap") + "</tr>\n";
}

std::string holiday_name(const kernel::Row& row, Date date) {
  if (auto name = row.maybe_text("holiday")) return *std::move(name);
  return forecast::exchange_holiday(row.maybe_text("holidays").value_or(""), date).value_or("");
}

/// How the day was forecast each time, the newest first.
std::string earlier_table(const kernel::Rows& rows) {
  std::string body;
  for (const kernel::Row row : rows) {
    const forecast::Bounds bounds = bounds_of_row(row);
    body += "<tr>" + row_head(row.text("as_of")) + cell(figure_html(bounds.y_hat)) +
            cell(range_html(bounds.lo80, bounds.hi80)) + cell(range_html(bounds.lo, bounds.hi)) + "</tr>\n";
  }
  return body.empty() ? body
                      : table_html("How it was forecast each time",
                                   {"As of", "Expected", "80\u00a0%", "95\u00a0%"}, body);
}

}  // namespace

std::vector<kernel::Statement> why_statements(const std::string& name,
                                              const std::optional<std::string>& day) {
  const kernel::SqlValues values = kernel::sql_values(name, day);
  const std::string asked(kAsked);
  return {
      {asked +
           "SELECT to_char(a.date, 'YYYY-MM-DD') AS date, to_char(a.as_of, 'YYYY-MM-DD') AS as_of, a.y_hat::text, a.y_lo::text, "
           "a.y_hi::text, a.y_lo80::text, a.y_hi80::text, a.model_version, a.job, (SELECT value::text FROM "
           "forecast.observations_daily o WHERE o.series = $1 AND o.date = a.date) AS value, s.holidays, (SELECT h.name "
           "FROM forecast.holidays h WHERE h.set = s.holidays AND h.date = a.date) AS holiday FROM asked a JOIN forecast.series s "
           "ON s.name = a.series",
       values},
      {asked +
           "(SELECT 'recent' AS kind, to_char(o.date, 'YYYY-MM-DD') AS date, o.value::text FROM asked a, "
           "forecast.observations_daily o WHERE o.series = $1 AND o.date <= a.as_of ORDER BY o.date DESC LIMIT 7) UNION ALL "
           "(SELECT 'weekday', to_char(o.date, 'YYYY-MM-DD'), o.value::text FROM asked a, generate_series(1, 60) w, "
           "forecast.observations_daily o WHERE o.series = $1 AND o.date <= a.as_of AND o.date = a.date - 7 * w ORDER BY o.date "
           "DESC LIMIT 5) UNION ALL (SELECT 'year', to_char(o.date, 'YYYY-MM-DD'), o.value::text FROM asked a, "
           "forecast.observations_daily o WHERE o.series = $1 AND o.date <= a.as_of AND o.date = a.date - 364)",
       values},
      {asked +
           "SELECT to_char(h.as_of, 'YYYY-MM-DD') AS as_of, h.y_hat::text, h.y_lo::text, h.y_hi::text, h.y_lo80::text, "
           "h.y_hi80::text FROM asked a, forecast.prediction_history h WHERE h.series = $1 AND h.date = a.date ORDER BY h.as_of "
           "DESC LIMIT 10",
       values}};
}

std::string why_html(const std::string& name, const std::optional<std::string>& day,
                     const std::vector<kernel::Rows>& results, std::size_t first) {
  const kernel::Rows& asked = results.at(first);
  if (asked.empty()) {
    return day ? "<section id=\"why\"><h2>Why</h2><p>Nothing is predicted of " + *day + ".</p></section>\n"
               : std::string();
  }
  const kernel::Row row = asked.only();
  const forecast::Bounds bounds = bounds_of_row(row);
  const kernel::Rows& known = results.at(first + 1);
  const Date date = row.date("date");
  const std::string rows = fact_row("Expected", figure_html(bounds.y_hat)) +
                           fact_row("80 of 100 cases", range_html(bounds.lo80, bounds.hi80)) +
                           fact_row("95 of 100 cases", range_html(bounds.lo, bounds.hi)) +
                           fact_row("Came", figure_html(figure_of(row, "value"))) +
                           fact_row("Known up to", row.text("as_of")) +
                           fact_row("Its recent days", known_days(known, "recent")) +
                           fact_row("Same weekday", known_days(known, "weekday")) +
                           fact_row("52 weeks before", known_days(known, "year")) +
                           fact_row("Holiday", escape_html(holiday_name(row, date))) +
                           fact_row("Model", escape_html(row.text("model_version"))) +
                           fact_row("Job", link_html("/forecast/jobs/" + row.text("job"), row.text("job")));
  return "<section id=\"why\"><h2>Why " + date_html(date, long_date(date)) + "</h2>" +
         table_html("What its forecast knew", {"What", "<Is"}, rows) + earlier_table(results.at(first + 2)) +
         "<p class=\"soft\">What each model said: <code>am forecast explain --series " + escape_html(name) +
         " --date " + date.to_string() + " --as-of " + row.text("as_of") + "</code></p></section>\n";
}

}  // namespace am::web
