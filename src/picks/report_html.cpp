#include "am/base/hash.hpp"
#include "am/base/html.hpp"
#include "am/base/html_parts.hpp"
#include "am/base/page_style.hpp"
#include "am/base/percent.hpp"
#include "am/base/text.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_text.hpp"
#include "report_charts.hpp"

namespace am::picks {

namespace {

/// Base64 of a SHA-256 given in hex: how a Content-Security-Policy names the one style sheet that it allows.
std::string base64_of_hex(const std::string& hex) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : hex) {
    bits = (bits << 4U) | nibble(c);
    held += 4;
    if (held < 6) continue;
    held -= 6;
    out += kAlphabet[(bits >> static_cast<unsigned>(held)) & 63U];
  }
  if (held > 0) out += kAlphabet[(bits << static_cast<unsigned>(6 - held)) & 63U];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

/// The answer as a sentence: a capital, real minus signs, and no line break before a percent sign.
std::string sentence(const std::string& answer) {
  std::string out;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const char c = answer[i];
    const char next = i + 1 < answer.size() ? answer[i + 1] : '.';
    if (c == '-' && next >= '0' && next <= '9') {
      out += "\u2212";
    } else if (c == ' ' && next == '%') {
      out += "\u00a0";
    } else {
      out += c;
    }
  }
  out.front() = to_upper(out.substr(0, 1)).front();
  return escape_html(out) + ".";
}
std::string interval_text(const std::optional<Interval>& interval) {
  if (!interval) return "n/a";
  return real_minus(signed_percent(interval->low)) + " to " + real_minus(signed_percent(interval->high)) +
         " %";
}

std::string tiles(const GroupLine& group) {
  const std::string rate = group.hit_rate_pct ? group.hit_rate_pct->to_fixed(1) + " %" : "n/a";
  const std::string percentile = group.percentile ? group.percentile->to_fixed(1) : "n/a";
  return "<dl>" +
         tile_html("Mean excess", pretty_percent(group.mean_excess_pct),
                   "95 %: " + interval_text(group.interval)) +
         tile_html("Mean return", pretty_percent(group.mean_return_pct), "directional, per batch") +
         tile_html("Hit rate", rate, "of " + std::to_string(group.picks) + " picks beat the benchmark") +
         tile_html("Percentile", percentile,
                   "among random baskets, " + std::to_string(group.controlled) + " batches") +
         "</dl>\n";
}

std::string side_rows(const GroupLine& group) {
  std::string rows;
  for (const SideLine* side : {&group.buy, &group.sell}) {
    rows += "<tr>" + row_head(std::string(action_name(side->action))) + cell(std::to_string(side->picks)) +
            figure_cell(side->mean_return_pct) + figure_cell(side->mean_excess_pct) +
            cell(side->hit_rate_pct ? side->hit_rate_pct->to_fixed(1) + " %" : "n/a") + "</tr>";
  }
  return rows;
}

std::string day_rows(const GroupLine& group) {
  std::string rows;
  for (const DayLine& day : group.days) {
    if (day.batches == 0) continue;
    rows += "<tr>" + row_head(std::to_string(day.day)) + cell(std::to_string(day.batches)) +
            figure_cell(day.mean_return_pct) + figure_cell(day.mean_excess_pct) +
            cell(interval_text(day.interval)) + "</tr>";
  }
  return rows;
}

std::string batch_details(const BatchLine& line) {
  std::string names;
  std::string rows;
  std::string reasons;
  for (const PickLine& pick : line.picks) {
    const std::string ticker = escape_html(pick.stored.pick.ticker);
    const std::string action(action_name(pick.stored.pick.action));
    names +=
        (names.empty() ? "" : ", ") + (pick.stored.pick.action == Action::sell ? "\u2212" + ticker : ticker);
    rows += "<tr>" + row_head(ticker) + cell(action, "t") + cell(price_text(pick.stored.initial_price)) +
            cell(price_text(pick.price)) + cell(pretty_percent(pick.return_pct)) +
            cell(pretty_percent(pick.excess_pct)) + figure_cell(pick.directional_return_pct) + "</tr>";
    reasons += "<p><b>" + action + " " + ticker + ".</b> " + escape_html(pick.stored.pick.reasoning) + "</p>";
  }
  rows += "<tr>" + row_head(escape_html(line.batch.benchmark_symbol)) + cell("benchmark", "t") +
          cell(price_text(line.batch.benchmark_initial_price)) + cell(price_text(line.benchmark_price)) +
          cell(pretty_percent(line.benchmark_return_pct)) + cell("") + cell("") + "</tr>";
  const std::string date = line.batch.run_date.to_string();
  const std::string until = line.latest
                                ? "day " + std::to_string(line.latest_day()) + ", " + line.latest->to_string()
                                : "no day yet";
  std::string state = escape_html(line.batch.status) + ", " + std::to_string(line.computed) + " computed, " +
                      std::to_string(line.skipped) + " skipped" +
                      (line.unreadable > 0 ? ", " + std::to_string(line.unreadable) + " unreadable" : "");
  if (line.percentile) state += ", percentile " + line.percentile->to_fixed(0);
  return "<details><summary><b>" + date + "</b><span>" + names + "</span><span class=\"end " +
         std::string(tone_of(line.mean_excess_pct)) + "\">" + pretty_percent(line.mean_excess_pct) +
         "</span></summary><div class=\"why\"><p class=\"soft\">" + until + "; " + state + "</p>" +
         table_html("Batch of " + date + ", baseline " + line.baseline.to_string(),
                    {"Symbol", "<Action", "Initial", "Latest", "Return", "Excess", "Directional"}, rows) +
         reasons + "</div></details>\n";
}

std::string figure_of(const std::string& title, const std::string& note, const std::string& chart) {
  if (chart.empty()) return {};
  return "<h3>" + title + "</h3><figure><figcaption>" + note + "</figcaption>" + chart + "</figure>\n";
}

std::string group_section(const GroupLine& group, const std::vector<const BatchLine*>& batches,
                          const std::string& id) {
  std::string origin = group.origin.empty() ? "" : escape_html(group.origin) + " \u00b7 ";
  std::string counts = std::to_string(group.batches) + (group.batches == 1 ? " batch" : " batches") + ", " +
                       std::to_string(group.complete) + " complete";
  if (group.failed > 0) counts += ", " + std::to_string(group.failed) + " failed";
  std::string out = "<section aria-labelledby=\"" + id + "\"><h2 id=\"" + id + "\">" +
                    escape_html(picker_text(group.picker, group.model)) + "</h2><p class=\"soft\">" + origin +
                    "against " + escape_html(join(group.benchmarks, ", ")) + " \u00b7 " +
                    range_text(group.first, group.last) + " \u00b7 " + counts + "</p>\n<p class=\"answer\">" +
                    sentence(group.answer) + "</p>\n" + tiles(group);
  out += figure_of("Mean excess by day",
                   "Mean of the batches that have computed that day; the band is the 95 % interval.",
                   chart_by_day(group, id + "-days"));
  if (const std::string rows = day_rows(group); !rows.empty()) {
    out += "<details><summary>Every day in figures</summary>" +
           table_html("Directional figures by day", {"Day", "Batches", "Return", "Excess", "95 % interval"},
                      rows) +
           "</details>\n";
  }
  out += figure_of("Mean excess of each batch",
                   "On its latest computed day; pale while the 14 days are not over.",
                   chart_by_batch(batches, id + "-batches"));
  out += "<h3>Bought and sold</h3>" + table_html("Picks of complete batches by action",
                                                 {"Action", "Picks", "Return", "Excess", "Hit rate"},
                                                 side_rows(group));
  out +=
      "<h3>Batches</h3><p class=\"soft\">Newest first; at the right the mean excess; \u2212 marks a "
      "SELL.</p>\n";
  for (auto line = batches.rbegin(); line != batches.rend(); ++line) out += batch_details(**line);
  return out + "</section>\n";
}

constexpr std::string_view kNotes =
    "<p>Return and excess are directional: the sign is flipped for a SELL. Excess is the return "
    "minus the benchmark's "
    "over the same sessions, before costs, without dividends unless the price source includes them.</p>"
    "<p>The interval resamples whole batches 10,000 times. Weekly batches overlap by a week, so the true "
    "interval is somewhat "
    "wider. Percentile: where the picks stand among baskets of 3 drawn at random from the same universe on "
    "the same dates, with as many "
    "BUY and SELL; 50 is what chance gives.</p>";

std::string head_of(const Report& report) {
  std::string out = "<h1>Is there alpha?</h1><p class=\"soft\">";
  if (report.batches.empty()) {
    out += report.asked ? "No batch in " + range_text(report.asked->first, report.asked->last) + "."
                        : "No batch yet.";
  } else {
    out += std::to_string(report.batches.size()) +
           (report.batches.size() == 1 ? " weekly batch" : " weekly batches") + " of " +
           std::to_string(kPicksPerBatch) + " picks, " +
           range_text(report.batches.front().batch.run_date, report.batches.back().batch.run_date) + ".";
    if (report.groups.size() > 1) out += " Each picker, model and origin stands alone.";
  }
  return out + "</p>";
}

std::string sections_of(const Report& report) {
  std::string out;
  int number = 0;
  for (const GroupLine& group : report.groups) {
    std::vector<const BatchLine*> batches;
    for (const BatchLine& line : report.batches) {
      if (line.batch.picker == group.picker && line.batch.model == group.model &&
          line.batch.origin == group.origin)
        batches.push_back(&line);
    }
    out += group_section(group, batches, "g" + std::to_string(++number));
  }
  return out;
}

}  // namespace

ReportParts report_parts(const Report& report) {
  return {head_of(report), sections_of(report), marks_html(report) + std::string(kNotes)};
}

std::string render_html(const Report& report) {
  const ReportParts parts = report_parts(report);
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" +
         base64_of_hex(sha256_hex(page_style())) +
         "'; base-uri 'none'; form-action 'none'\">"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"referrer\" "
         "content=\"no-referrer\">"
         "<title>Is there alpha?</title><style>" +
         std::string(page_style()) + "</style></head>\n<body><header>" + parts.head + "</header>\n<main>\n" +
         parts.sections + "</main>\n<footer>" + parts.notes + "</footer></body></html>\n";
}

}  // namespace am::picks
