#include "page_batch.hpp"

#include <algorithm>

#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/picks/report_text.hpp"
#include "documents.hpp"
#include "page_chart.hpp"
#include "page_parts.hpp"

namespace am::web {

namespace {

using picks::BatchHistory;
using picks::BatchLine;
using picks::PickLine;

/// Its neighbours, and when something of it was last recorded.
constexpr std::string_view kAroundSql =
    "SELECT to_char((SELECT max(run_date) FROM public.batches WHERE run_date < own.d AND isfinite(run_date)), 'YYYY-MM-DD') AS older, "
    "to_char((SELECT min(run_date) FROM public.batches WHERE run_date > own.d AND isfinite(run_date)), 'YYYY-MM-DD') AS newer, "
    "(SELECT (extract(epoch FROM CASE WHEN isfinite(at) THEN at END) * 1000000)::bigint FROM ops.events WHERE batch_id = "
    "(SELECT id FROM public.batches WHERE run_date = own.d) ORDER BY events.id DESC LIMIT 1) AS updated "
    "FROM (SELECT coalesce($1::date, (SELECT max(run_date) FROM public.batches WHERE isfinite(run_date))) AS d) own";

std::optional<Date> maybe_date(const kernel::Row& row, std::string_view column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.date(column));
}

std::string meta_line(const BatchView& view, const BatchLine& line, bool latest) {
  const picks::Batch& batch = view.history.batch;
  const Date baseline = view.history.baseline;
  std::string updated;
  if (line.latest) {
    updated = "with the closes of " + date_html(*line.latest, weekday_date(*line.latest)) + ", day " +
              std::to_string(line.latest_day());
  }
  if (view.updated) updated = time_html(*view.updated) + (updated.empty() ? "" : ", " + updated);
  return "<div class=\"about-it soft\"><p>" + escape_html(batch.status) + " \u00b7 picked by " +
         escape_html(picks::picker_text(batch.picker, batch.model)) +
         (batch.origin.empty() ? "" : ", " + escape_html(batch.origin)) + " \u00b7 prices of " +
         date_html(baseline, weekday_date(baseline)) + " are the baseline" +
         (latest ? " \u00b7 " + link_html(batch_path(batch.run_date), "permalink", " rel=\"bookmark\"")
                 : "") +
         "</p>" + (updated.empty() ? "" : "<p>Last updated " + updated + ".</p>") + "</div>\n";
}

std::string tiles(const BatchLine& line) {
  const std::string benchmark = escape_html(line.batch.benchmark_symbol);
  const auto hits = std::ranges::count_if(line.picks, [](const PickLine& pick) {
    return pick.directional_excess_pct && pick.directional_excess_pct->is_positive();
  });
  const bool over = line.batch.status == "completed";
  return "<dl class=\"tiles\">" +
         tile_html("Excess", pretty_percent(line.mean_excess_pct),
                   "earned minus " + benchmark + ", same side", tone_of(line.mean_excess_pct)) +
         tile_html("Earned", pretty_percent(line.mean_return_pct), "by following the picks") +
         tile_html(benchmark + ", same side", pretty_percent(line.mean_benchmark_pct),
                   "by the same trades in it") +
         tile_html(over ? "Hits" : "Ahead so far",
                   std::to_string(hits) + " of " + std::to_string(line.picks.size()),
                   "picks with an excess above zero") +
         "</dl>\n";
}

DayChart chart_of(const BatchHistory& history) {
  DayChart chart{"days", history.batch.run_date, {}};
  for (const picks::StoredPick& stored : history.batch.picks) {
    ChartLine line{stored.pick.ticker, stored.pick.action == picks::Action::sell, false, {}};
    for (const picks::Checkpoint& day : history.days) {
      const auto metric = std::ranges::find(day.metrics, stored.id, &picks::Metric::pick_id);
      if (metric != day.metrics.end())
        line.points.push_back({day.date - chart.run_date + 1, metric->absolute_return_pct});
    }
    chart.lines.push_back(std::move(line));
  }
  ChartLine benchmark{history.batch.benchmark_symbol, false, true, {}};
  for (const picks::Checkpoint& day : history.days) {
    if (day.benchmark_return_pct)
      benchmark.points.push_back({day.date - chart.run_date + 1, *day.benchmark_return_pct});
  }
  chart.lines.push_back(std::move(benchmark));
  return chart;
}

std::string figure(const BatchHistory& history) {
  const DayChart chart = chart_of(history);
  const std::string wide = draw_chart(chart, ChartSize::wide);
  if (wide.empty()) return {};
  return "<figure class=\"days\"><figcaption>Return since the baseline, by day. Shaded: no session. Where a pick is a "
         "SELL, a falling line earns.</figcaption>" +
         wide + draw_chart(chart, ChartSize::narrow) + "</figure>\n";
}

std::string turn(const BatchView& view) {
  std::string out = "<nav class=\"turn\" aria-label=\"Batches before and after\">";
  if (view.older) {
    out += link_html(batch_path(*view.older), "← Older, " + date_html(*view.older, weekday_date(*view.older)),
                     " rel=\"prev\"");
  }
  if (view.newer) {
    out += link_html(batch_path(*view.newer),
                     "Newer, " + date_html(*view.newer, weekday_date(*view.newer)) + " →", " rel=\"next\"");
  }
  return view.older || view.newer ? out + "</nav>\n" : std::string();
}

std::string data_links(const BatchHistory& history) {
  const std::string date = history.batch.run_date.to_string();
  return "<p class=\"soft data\">As data: " +
         link_html(std::string(kCsvPath) + "?from=" + date + "&to=" + date, "the picks as CSV",
                   " download=\"picks-" + date + ".csv\"") +
         ", " + link_html("/batches/" + history.batch.id, "this batch as JSON") + ", " +
         link_html("/events?batch_id=" + history.batch.id, "what the ledger recorded for it") + ".</p>\n";
}

}  // namespace

std::optional<BatchView> read_view(kernel::SnapshotReader& reader, std::optional<Date> run_date) {
  const std::optional<DateRange> range =
      run_date ? std::optional(DateRange{*run_date, *run_date}) : std::nullopt;
  std::vector<kernel::Statement> statements = picks::history_statements(range, 1);
  statements.push_back({std::string(kAroundSql), kernel::sql_values(run_date)});
  const std::vector<kernel::Rows> results = reader.read(statements);
  std::vector<BatchHistory> histories = picks::histories_of(results);
  if (histories.empty()) return std::nullopt;
  const kernel::Row row = results.back().only();
  return BatchView{std::move(histories.front()), maybe_date(row, "older"), maybe_date(row, "newer"),
                   row.maybe_micros("updated")};
}

PageFrame batch_frame(const BatchView& view, bool latest) {
  const BatchHistory& history = view.history;
  const BatchLine line = picks::batch_line(history);
  const Date date = history.batch.run_date;
  const std::string answer = answer_text(history, line);
  PageFrame frame;
  frame.title = latest ? "Latest batch, " + date.to_string() : "Batch of " + date.to_string();
  frame.description = answer;
  frame.here = latest ? kLatestPage : kBatchesPage;
  frame.within = !latest;
  frame.head_html = turn(view) + "<h1><span class=\"kicker\">" + (latest ? "Latest batch" : "Batch") +
                    "</span> " + date_html(date, long_date(date)) + "</h1>";
  frame.main_html =
      "<p class=\"answer\">" + escape_html(answer) + "</p>\n" +
      (history.moves.empty() ? ""
                             : "<p><strong>In doubt:</strong> a price moved as if by a split that "
                               "nobody has told; see below.</p>\n") +
      (line.mean_excess_pct ? tiles(line) : "") + meta_line(view, line, latest) + figure(history) +
      picks_section(line) + days_section(history) + data_links(history);
  for (const picks::Doubt& doubt : history.doubts)
    frame.notes_html += "<p>Unreadable: " + escape_html(doubt.problem) + ".</p>";
  for (const picks::DoubtfulMove& move : history.moves)
    frame.notes_html += "<p>In doubt: " + escape_html(move.text()) + ".</p>";
  for (const std::string& note : history.notes) frame.notes_html += "<p>" + escape_html(note) + ".</p>";
  frame.notes_html += words_html();
  return frame;
}

Document page_batch(const Args& args, const Source& source) {
  const Date run_date = Date::of(args.at("run_date"));
  const std::optional<BatchView> view = read_view(source.reader, run_date);
  if (!view) {
    throw Error(ErrorKind::no_input, "no batch of " + run_date.to_string(),
                "a batch is named by the Monday of its week: the list has them all, and jumps to a date");
  }
  return page_document(batch_frame(*view, false), source.router);
}

}  // namespace am::web
