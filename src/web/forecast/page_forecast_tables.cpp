#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "forecast_parts.hpp"
#include "page_forecast.hpp"
#include "web/page_layout.hpp"

namespace am::web {

namespace {

constexpr int kMostTotals = 40;

std::string totals_table(const kernel::Rows& rows, std::string_view kind, const std::string& caption) {
  std::string body;
  for (const kernel::Row row : rows) {
    if (row.text("kind") != kind) continue;
    const forecast::Bounds bounds = bounds_of_row(row);
    const Date first = row.date("first");
    body += "<tr>" + row_head(date_html(first, first.to_string())) + cell(row.text("last")) +
            cell(figure_html(bounds.y_hat, 5)) + cell(range_html(bounds.lo80, bounds.hi80)) +
            cell(range_html(bounds.lo, bounds.hi)) + cell(figure_html(figure_of(row, "value"), 5)) +
            "</tr>\n";
  }
  return body.empty()
             ? body
             : table_html(caption, {"From", "To", "Expected", "80\u00a0%", "95\u00a0%", "Came"}, body);
}

}  // namespace

kernel::Statement series_totals(const std::string& name) {
  return {
      "SELECT t.kind, to_char(t.first, 'YYYY-MM-DD') AS first, to_char(t.last, 'YYYY-MM-DD') AS last, t.y_hat::text, "
      "t.y_lo::text, t.y_hi::text, t.y_lo80::text, t.y_hi80::text, (SELECT CASE WHEN count(*) = count(o.value) THEN "
      "sum(o.value)::text END FROM forecast.predictions_daily p LEFT JOIN forecast.observations_daily o ON o.series = p.series "
      "AND o.date = p.date WHERE p.series = t.series AND p.date BETWEEN t.first AND t.last) AS value FROM (SELECT * FROM "
      "forecast.prediction_totals WHERE series = $1 AND kind IN ('week', 'month') ORDER BY last DESC, first DESC LIMIT $2::int) "
      "t ORDER BY t.first, t.last",
      kernel::sql_values(name, kMostTotals)};
}

std::string totals_html(const kernel::Rows& rows) {
  const std::string tables = totals_table(rows, "week", "Weeks") + totals_table(rows, "month", "Months");
  if (tables.empty()) return {};
  return "<section><h2>Weeks and months</h2><p class=\"soft\">Sums with bounds of their own: days that are off together "
         "do not even out.</p>" +
         tables + "</section>\n";
}

kernel::Statement series_scores(const std::string& name) {
  return {
      "SELECT c.kind, to_char(c.as_of, 'YYYY-MM-DD') AS as_of, c.first_step, c.last_step, c.days, c.mase::text, "
      "c.naive_mase::text, c.seasonal_mase::text, c.smape::text, c.covered95::text, c.covered80::text FROM forecast.scores c "
      "WHERE c.series = $1 AND c.as_of = (SELECT max(n.as_of) FROM forecast.scores n WHERE n.series = $1 AND n.kind = c.kind) "
      "ORDER BY c.kind DESC, c.first_step",
      kernel::sql_values(name)};
}

std::string scores_html(const kernel::Rows& rows) {
  if (rows.empty()) return {};
  std::string body;
  for (const kernel::Row row : rows) {
    const std::string steps = row.text("first_step") + " to " + row.text("last_step");
    body += "<tr>" + row_head(steps + " days ahead") + cell(escape_html(row.text("kind")), "t") +
            cell(row.text("as_of")) + cell(row.text("days")) + cell(figure_html(figure_of(row, "mase"), 3)) +
            cell(figure_html(figure_of(row, "naive_mase"), 3)) +
            cell(figure_html(figure_of(row, "seasonal_mase"), 3)) +
            cell(figure_html(figure_of(row, "smape"), 3)) +
            cell(share_html(figure_of(row, "covered95").value_or(0))) +
            cell(share_html(figure_of(row, "covered80").value_or(0))) + "</tr>\n";
  }
  return "<section><h2>How good</h2>" +
         table_html("Past forecasts held against what came",
                    {"Ahead", "<Kind", "As of", "Days", "MASE", "Last value\u2019s", "Last season\u2019s",
                     "sMAPE, %", "95\u00a0% covered", "80\u00a0% covered"},
                    body) +
         "</section>\n";
}

}  // namespace am::web
