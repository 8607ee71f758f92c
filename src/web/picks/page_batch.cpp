#include "page_batch.hpp"

#include <algorithm>

#include "am/base/html.hpp"
#include "am/base/percent.hpp"
#include "am/picks/report_text.hpp"
#include "am/picks/rules.hpp"
#include "documents.hpp"
#include "page_chart.hpp"
#include "page_parts.hpp"

namespace am::web {

namespace {

using picks::BatchHistory;
using picks::BatchLine;
using picks::PickLine;

constexpr std::string_view kNeighboursSql =
    "SELECT to_char((SELECT max(run_date) FROM public.batches WHERE run_date < own.d AND isfinite(run_date)), 'YYYY-MM-DD') AS older, "
    "to_char((SELECT min(run_date) FROM public.batches WHERE run_date > own.d AND isfinite(run_date)), 'YYYY-MM-DD') AS newer "
    "FROM (SELECT coalesce($1::date, (SELECT max(run_date) FROM public.batches WHERE isfinite(run_date))) AS d) own";

std::optional<Date> maybe_date(const kernel::Row& row, std::string_view column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.date(column));
}

std::string name_of(const PickLine& pick) { return escape_html(pick.stored.pick.ticker); }
std::string action_of(const PickLine& pick) { return std::string(action_name(pick.stored.pick.action)); }

/// Of the 14 days the last one that is stored, computed or skipped.
int last_day(const BatchHistory& history) {
  return history.days.empty() ? 0 : history.days.back().date - history.batch.run_date + 1;
}

std::string meta_line(const BatchHistory& history) {
  const picks::Batch& batch = history.batch;
  return "<p class=\"soft\">" + escape_html(batch.status) + " \u00b7 picked by " +
         escape_html(picks::picker_text(batch.picker, batch.model)) +
         (batch.origin.empty() ? "" : ", " + escape_html(batch.origin)) + " \u00b7 prices of " +
         date_html(history.baseline, weekday_date(history.baseline)) + " are the baseline</p>";
}

std::string tiles(const BatchLine& line) {
  const std::string benchmark = escape_html(line.batch.benchmark_symbol);
  const auto ahead = std::ranges::count_if(line.picks, [](const PickLine& pick) {
    return pick.directional_excess_pct && pick.directional_excess_pct->is_positive();
  });
  const std::string points = line.mean_excess_pct->abs().to_fixed(2);
  const std::string place = points == "0.00"                      ? "Level with"
                            : line.mean_excess_pct->is_negative() ? "Behind"
                                                                  : "Ahead of";
  return "<dl class=\"tiles\">" +
         tile_html("The picks", pretty_percent(line.mean_return_pct), "earned by following them") +
         tile_html(benchmark, pretty_percent(line.benchmark_return_pct), "the benchmark's return") +
         tile_html(place + " " + benchmark, points + " points", "mean directional excess",
                   tone_of(line.mean_excess_pct)) +
         tile_html("Hits", std::to_string(ahead) + " of " + std::to_string(line.picks.size()),
                   "picks that beat " + benchmark) +
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
         "SELL, a falling line is what it hoped for.</figcaption>" +
         wide + draw_chart(chart, ChartSize::narrow) + "</figure>\n";
}

std::string picks_section(const BatchLine& line) {
  std::string rows;
  std::string reasons;
  for (const PickLine& pick : line.picks) {
    rows += "<tr>" + row_head(name_of(pick)) + cell(action_of(pick), "t") +
            cell(picks::price_text(pick.stored.initial_price)) + cell(picks::price_text(pick.price)) +
            cell(pretty_percent(pick.return_pct)) + cell(pretty_percent(pick.excess_pct)) +
            figure_cell(pick.directional_excess_pct) + "</tr>";
    reasons += "<div class=\"reason\"><h4>" + action_of(pick) + " " + name_of(pick) +
               "</h4><blockquote dir=\"auto\">" + escape_html(pick.stored.pick.reasoning) +
               "</blockquote></div>\n";
  }
  rows += "<tr class=\"benchmark\">" + row_head(escape_html(line.batch.benchmark_symbol)) +
          cell("benchmark", "t") + cell(picks::price_text(line.batch.benchmark_initial_price)) +
          cell(picks::price_text(line.benchmark_price)) + cell(pretty_percent(line.benchmark_return_pct)) +
          cell("") + cell("") + "</tr>";
  const std::string until = line.latest ? "Prices of " + weekday_date(*line.latest) + ", day " +
                                              std::to_string(line.latest_day()) + ", against the baseline"
                                        : "The baseline's prices; no day is computed yet";
  return "<section aria-labelledby=\"picks\"><h2 id=\"picks\">The picks</h2>" +
         table_html(until,
                    {"Symbol", "<Action", "Initial", "Latest", "Return", "Excess", "Directional excess"},
                    rows) +
         "<h3 class=\"reasons\">Why, in the picker's words</h3>\n" + reasons + "</section>\n";
}

/// Why a day has no figures. What is stored and cannot be right is none, and no reason to call the day skipped.
struct NoFigures {
  std::string state;
  std::string reason;
};

NoFigures no_figures(const BatchHistory& history, Date date) {
  if (const auto closed = closed_reason(date)) return {"skipped", escape_html(*closed)};
  const bool doubted = std::ranges::any_of(
      history.doubts, [&](const picks::Doubt& doubt) { return !doubt.day || *doubt.day == date; });
  if (doubted) return {"unreadable", "what is stored cannot be right"};
  return {"skipped", "no close came in time"};
}

/// The mean of what the picks earned over the benchmark on that day.
std::optional<Decimal> mean_excess(const BatchHistory& history, const picks::Checkpoint& day) {
  BatchHistory one{history.batch, history.baseline, {day}};
  return picks::batch_line(one).mean_excess_pct;
}

std::string day_row(const BatchHistory& history, const picks::Checkpoint& day) {
  const std::size_t figures = history.batch.picks.size() + 2;
  std::string row = "<tr>" + row_head("Day " + std::to_string(day.date - history.batch.run_date + 1)) +
                    cell(date_html(day.date, weekday_date(day.date)), "t");
  if (!day.computed) {
    const auto [state, reason] = no_figures(history, day.date);
    return row + cell(state, "t") + "<td class=\"t soft\" colspan=\"" + std::to_string(figures) + "\">" +
           reason + "</td></tr>";
  }
  row += cell("computed", "t") + cell(pretty_percent(day.benchmark_return_pct));
  for (const picks::StoredPick& stored : history.batch.picks) {
    const auto metric = std::ranges::find(day.metrics, stored.id, &picks::Metric::pick_id);
    row += cell(metric == day.metrics.end() ? "n/a" : pretty_percent(metric->absolute_return_pct));
  }
  return row + figure_cell(mean_excess(history, day)) + "</tr>";
}

std::string days_section(const BatchHistory& history) {
  std::vector<std::string> columns{"Day", "<Date", "<Checkpoint",
                                   escape_html(history.batch.benchmark_symbol)};
  for (const picks::StoredPick& stored : history.batch.picks) {
    columns.push_back((stored.pick.action == picks::Action::sell ? "SELL " : "") +
                      escape_html(stored.pick.ticker));
  }
  columns.emplace_back("Excess");
  std::string rows = "<tr>" + row_head("Baseline") +
                     cell(date_html(history.baseline, weekday_date(history.baseline)), "t") +
                     "<td class=\"t soft\" colspan=\"" + std::to_string(columns.size() - 2) +
                     "\">the closes that every return is counted from</td></tr>";
  for (const picks::Checkpoint& day : history.days) rows += day_row(history, day);
  const std::string count = std::to_string(history.days.size()) + " of " + std::to_string(picks::kDays);
  return "<section aria-labelledby=\"by-day\"><h2 id=\"by-day\">Day by day</h2>" +
         table_html(
             "Returns since the baseline, and the picks' mean directional excess; " + count + " days are in",
             columns, rows) +
         "</section>\n";
}

std::string turn(const BatchView& view) {
  std::string out = "<nav class=\"turn\" aria-label=\"Batches before and after\">";
  if (view.older) {
    out +=
        link_html(batch_path(*view.older),
                  "<span>← Older</span> " + date_html(*view.older, long_date(*view.older)), " rel=\"prev\"");
  }
  if (view.newer) {
    out +=
        link_html(batch_path(*view.newer),
                  "<span>Newer →</span> " + date_html(*view.newer, long_date(*view.newer)), " rel=\"next\"");
  }
  return view.older || view.newer ? out + "</nav>\n" : std::string();
}

std::string json_links(const BatchHistory& history) {
  return "<p class=\"soft\">For programs: " +
         link_html("/batches/" + history.batch.id, "this batch as JSON") + ", " +
         link_html("/events?batch_id=" + history.batch.id, "what the ledger recorded for it") + ".</p>\n";
}

}  // namespace

std::optional<BatchView> read_view(kernel::SnapshotReader& reader, std::optional<Date> run_date) {
  const std::optional<DateRange> range =
      run_date ? std::optional(DateRange{*run_date, *run_date}) : std::nullopt;
  std::vector<kernel::Statement> statements = picks::history_statements(range, 1);
  statements.push_back({std::string(kNeighboursSql), kernel::sql_values(run_date)});
  const std::vector<kernel::Rows> results = reader.read(statements);
  std::vector<BatchHistory> histories = picks::histories_of(results);
  if (histories.empty()) return std::nullopt;
  const kernel::Row row = results.back().only();
  return BatchView{std::move(histories.front()), maybe_date(row, "older"), maybe_date(row, "newer")};
}

std::string answer_text(const BatchHistory& history, const BatchLine& line) {
  const std::string& benchmark = line.batch.benchmark_symbol;
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
  const std::string size = line.mean_excess_pct->abs().to_fixed(2);
  const std::string verb = over ? "ended " : "are ";
  const std::string place = size == "0.00" ? verb + "level with " + benchmark
                            : line.mean_excess_pct->is_negative()
                                ? verb + size + " points behind " + benchmark
                                : verb + size + " points ahead of " + benchmark;
  if (over) return "After 14 days the picks " + place + ".";
  const std::string text = "Day " + std::to_string(last_day(history)) + " of 14: the picks " + place + ".";
  return line.batch.status == "failed" ? text + " The batch has failed since: it needs a person." : text;
}

PageFrame batch_frame(const BatchView& view, bool latest) {
  const BatchHistory& history = view.history;
  const BatchLine line = picks::batch_line(history);
  const Date date = history.batch.run_date;
  PageFrame frame;
  frame.title = latest ? "Latest batch, " + date.to_string() : "Batch of " + date.to_string();
  frame.here = latest ? kLatestPage : kBatchesPage;
  frame.within = !latest;
  frame.head_html = std::string("<h1><span class=\"kicker\">") + (latest ? "Latest batch" : "Batch") +
                    "</span> " + date_html(date, long_date(date)) + "</h1>" + meta_line(history);
  frame.main_html =
      "<p class=\"answer\">" + escape_html(answer_text(history, line)) + "</p>\n" +
      (history.moves.empty()
           ? ""
           : "<p><strong>In doubt:</strong> a price moved as if by a split that nobody has told; see below.</p>\n") +
      (line.mean_excess_pct ? tiles(line) : "") + figure(history) + picks_section(line) +
      days_section(history) + turn(view) + json_links(history);
  for (const picks::Doubt& doubt : history.doubts)
    frame.notes_html += "<p>Unreadable: " + escape_html(doubt.problem) + ".</p>";
  for (const picks::DoubtfulMove& move : history.moves)
    frame.notes_html += "<p>In doubt: " + escape_html(move.text()) + ".</p>";
  for (const std::string& note : history.notes) frame.notes_html += "<p>" + escape_html(note) + ".</p>";
  frame.notes_html +=
      "<p>Returns follow the price. Excess is the return minus the benchmark's over the same sessions, before costs. "
      "What says who is ahead is directional: the sign is flipped for a SELL, whose excess so is the benchmark's return "
      "minus its own.</p>";
  return frame;
}

Document page_batch(const Args& args, const Source& source) {
  const Date run_date = Date::of(args.at("run_date"));
  const std::optional<BatchView> view = read_view(source.reader, run_date);
  if (!view) throw Error(ErrorKind::no_input, "no batch of " + run_date.to_string());
  return page_document(batch_frame(*view, false), source.router);
}

}  // namespace am::web
