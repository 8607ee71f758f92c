#include "report_section.hpp"

#include <algorithm>

#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/percent.hpp"
#include "am/base/text.hpp"
#include "am/picks/report_text.hpp"
#include "report_charts.hpp"

namespace am::picks {

namespace {

/// A column of the table at a terminal is a pause here.
std::string pretty_html(std::string text) {
  for (std::size_t at = text.find("   "); at != text.npos; at = text.find("   ")) text.replace(at, 3, "; ");
  return escape_html(pretty_text(text));
}

std::string capital(std::string text) {
  text.front() = to_upper(text.substr(0, 1)).front();
  return text;
}

/// What the verdict means, before its figures.
std::string plain_words(const GroupLine& group, bool is_range) {
  const Judgement& judgement = group.judgement;
  if (is_range || judgement.tally.weeks < kMinWeeks) return "";
  const int decided = judgement.decides();
  if (decided > 0) return "These picks earned more over the benchmark than luck explains. ";
  if (decided < 0) return "These picks lost more to the benchmark than bad luck explains. ";
  return "What these picks earned over the benchmark may still be luck, good or bad. ";
}

/// The verdict, what it means, and in what figures.
std::string answer_html(const GroupLine& group, bool is_range) {
  const std::size_t end = is_range ? std::string::npos : group.answer.find(": ");
  if (group.judgement.tally.weeks < kMinWeeks || end == std::string::npos)
    return "<p class=\"answer\">" + capital(pretty_html(group.answer)) + ".</p>\n";
  return "<p class=\"answer\">" + capital(pretty_html(group.answer.substr(0, end))) + ". " +
         plain_words(group, is_range) + pretty_html(group.answer.substr(end + 2)) + ".</p>\n";
}

const FigureText& figure_of(const std::vector<FigureText>& figures, std::string_view label) {
  return *std::ranges::find(figures, label, &FigureText::label);
}

std::string tiles(const GroupLine& group, const std::vector<FigureText>& figures) {
  const Judgement& judgement = group.judgement;
  const FigureText& control = figure_of(figures, "among other names");
  std::string highest = "20 decides";
  if (judgement.highest_week) {
    highest += "; highest " + e_value_text(*judgement.highest_log_e) + ", week of " +
               judgement.highest_week->to_string();
  }
  const std::string hit_rate =
      group.hit_rate_pct ? share_text(group.hit_rate_pct) + "\u00a0%" : share_text(group.hit_rate_pct);
  return "<dl>" +
         tile_html("Mean excess", pretty_percent(judgement.mean_pct),
                   "95 %: " + pretty_html(interval_text(judgement.every_week)) +
                       ", read every week; per batch, beta-adjusted") +
         tile_html("E-value", judgement.tally.parts == 0 ? "n/a" : e_value_text(judgement.log_e), highest) +
         tile_html("Among other names", control.value, pretty_html(control.note)) +
         tile_html("Hit rate", hit_rate, pretty_html(figure_of(figures, "hit rate").note)) + "</dl>\n";
}

std::string figure_rows(const std::vector<FigureText>& figures) {
  std::string rows;
  for (const FigureText& figure : figures) {
    rows += "<tr>" + row_head((figure.within ? "\u2003" : "") + figure.label) +
            cell(pretty_html(figure.value)) + cell(pretty_html(figure.note), "t") + "</tr>";
  }
  return rows;
}

std::string side_rows(const GroupLine& group) {
  std::string rows;
  for (const SideLine* side : {&group.buy, &group.sell}) {
    rows += "<tr>" + row_head(std::string(action_name(side->action))) + cell(std::to_string(side->picks)) +
            cell(pretty_percent(side->mean_return_pct)) + cell(pretty_percent(side->mean_benchmark_pct)) +
            figure_cell(side->mean_excess_pct) +
            cell(side->hit_rate_pct ? share_text(side->hit_rate_pct) + " %" : "n/a") + "</tr>";
  }
  return rows;
}

std::string day_rows(const GroupLine& group) {
  std::string rows;
  for (const DayLine& day : group.days) {
    if (day.batches == 0) continue;
    rows += "<tr>" + row_head(std::to_string(day.day)) + cell(std::to_string(day.batches)) +
            cell(pretty_percent(day.mean_return_pct)) + cell(pretty_percent(day.mean_benchmark_pct)) +
            figure_cell(day.mean_excess_pct) + cell(pretty_html(interval_text(day.interval))) + "</tr>";
  }
  return rows;
}

const DayLine* last_day(const GroupLine& group) {
  const auto day = std::find_if(group.days.rbegin(), group.days.rend(),
                                [](const DayLine& line) { return line.batches > 0; });
  return day == group.days.rend() ? nullptr : &*day;
}

/// The last point by day is another figure than the mean of complete batches.
bool differs(const GroupLine& group, const DayLine* last) {
  return last != nullptr && group.complete > 0 && last->batches != group.complete;
}

std::string by_day_note(const GroupLine& group) {
  std::string note = "Not beta-adjusted; each day the batches that have computed it";
  if (const DayLine* last = last_day(group); differs(group, last)) {
    note += ": on day " + std::to_string(last->day) + " that is " + std::to_string(last->batches) + " of " +
            std::to_string(group.batches) + ", so that the last point (" +
            pretty_percent(last->mean_excess_pct) + ") is not the mean of complete batches (" +
            pretty_percent(group.mean_excess_pct) + "), which takes each on its own last session";
  }
  return note + ". The band is the 95 % interval of each day, each read alone.";
}

/// What of the figures looks like a contradiction.
std::string apart_note(const GroupLine& group) {
  if (!group.judgement.mean_pct) return {};
  std::string note = "Not one figure: the mean excess with betas (" +
                     pretty_percent(group.judgement.mean_pct) + "), and as it is (" +
                     pretty_percent(group.market.mean_pct) + ")";
  if (const DayLine* last = last_day(group); differs(group, last)) {
    note += "; and the last point by day further down (" + pretty_percent(last->mean_excess_pct) +
            "), which only has the batches that have computed day " + std::to_string(last->day);
  }
  return "<p class=\"soft\">" + note + ".</p>\n";
}

std::string chart_html(const std::string& title, const std::string& note, const std::string& chart) {
  if (chart.empty()) return {};
  return "<h3>" + title + "</h3><figure><figcaption>" + note + "</figcaption>" + chart + "</figure>\n";
}

std::string verdict_charts(const GroupLine& group, const std::string& id) {
  return chart_html(
             "E-value by week",
             "How strongly the weeks so far speak against \u201cno skill\u201d; the line at 20 decides.",
             chart_of_e_values(group, id + "-e")) +
         chart_html(
             "Mean excess by week",
             "Per batch, beta-adjusted, of all weeks up to each one; its last point is the mean excess above. The "
             "band, from the tenth week on, is the 95 % interval read every week, cut where it leaves the picture.",
             chart_of_mean(group, id + "-mean"));
}

}  // namespace

std::string group_section(const GroupLine& group, const std::vector<const BatchLine*>& batches,
                          const std::string& id, bool is_range, const ReportLinks& links) {
  const std::string origin = group.key.origin.empty() ? "" : escape_html(group.key.origin) + " \u00b7 ";
  const std::vector<FigureText> figures = figures_text(group, is_range);
  std::string out = "<section aria-labelledby=\"" + id + "\"><h2 id=\"" + id + "\">" +
                    escape_html(group.name) + "</h2>\n" + answer_html(group, is_range) +
                    tiles(group, figures) + "<p class=\"soft\">" + origin + "against " +
                    escape_html(join(group.benchmarks, ", ")) + " \u00b7 " + counts_text(group) + "</p>\n";
  out += table_html("All figures of the verdict", {"Figure", "Value", "<What it says"}, figure_rows(figures));
  out += apart_note(group);
  out += verdict_charts(group, id);
  out += chart_html("Mean excess by day", by_day_note(group), chart_by_day(group, id + "-days"));
  if (const std::string rows = day_rows(group); !rows.empty()) {
    out += "<details><summary>Every day in figures</summary>" +
           table_html("By day",
                      {"Day", "Batches", "Earned", "Benchmark, same side", "Excess",
                       "95 % interval, each read alone"},
                      rows) +
           "</details>\n";
  }
  out += chart_html(
      "Mean excess of each batch",
      "On its latest computed day, not beta-adjusted; pale while the 14 days are not over. A bar leads to "
      "its batch.",
      chart_by_batch(batches, id + "-batches",
                     [&](const BatchLine& line) { return batch_address(line, id, links); }));
  out += "<h3>Bought and sold</h3>" +
         table_html("Picks of complete batches by action",
                    {"Action", "Picks", "Earned", "Benchmark, same side", "Excess", "Hit rate"},
                    side_rows(group));
  return out + batch_list(batches, id, links) + "</section>\n";
}

}  // namespace am::picks
