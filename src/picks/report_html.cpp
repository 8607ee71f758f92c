#include "am/base/html.hpp"
#include "am/base/page_style.hpp"
#include "am/base/standalone_page.hpp"
#include "am/picks/report.hpp"
#include "am/picks/report_text.hpp"
#include "report_section.hpp"

namespace am::picks {

namespace {

std::string notes_of(const ReportLinks& links) {
  std::string out =
      "<p>" + escape_html(promise_text()) + "</p><p>" + escape_html(cause_text()) +
      "</p><p>Return follows the price. Earned is what following the advice earned: the return, its sign "
      "flipped for a SELL. Benchmark, same side, is the benchmark\u2019s return with the pick\u2019s sign. "
      "Excess is earned minus that, before costs, without dividends unless the price source includes them; "
      "each figure is rounded by itself. A hit is a pick whose excess after 14 days is above zero.</p>";
  if (!links.guide.empty())
    out += "<p><a href=\"" + escape_html(links.guide) + "\">How to read this report</a></p>";
  return out;
}

std::string head_of(const Report& report, const ReportLinks& links) {
  std::string out = "<h1>Is there alpha?</h1><p class=\"soft\">";
  if (report.batches.empty()) {
    out += report.asked ? "No batch in " + range_text(report.asked->first, report.asked->last) + "."
                        : "No batch yet.";
    return out + "</p>";
  }
  out += std::to_string(report.batches.size()) +
         (report.batches.size() == 1 ? " weekly batch" : " weekly batches") + " of " +
         std::to_string(kPicksPerBatch) + " picks, " +
         range_text(report.batches.front().batch.run_date, report.batches.back().batch.run_date) + ".";
  if (report.groups.size() > 1) out += " Each picker, model and origin stands alone.";
  out +=
      "</p><p class=\"soft\">Alpha: earning more than the benchmark by more than luck explains. Excess: what following "
      "the picks earned, minus what the benchmark earned on the same side, in percent of a batch.";
  if (!links.guide.empty())
    out += " <a href=\"" + escape_html(links.guide) + "\">How to read this report</a>.";
  return out + "</p>";
}

std::string leagues_of(const Report& report) {
  std::string out;
  for (const LeagueOfGroups& league : report.leagues)
    out += "<p>" + escape_html(pretty_text(league_text(league, report.groups))) + "</p>";
  return out.empty() ? out
                     : "<section aria-labelledby=\"leagues\"><h2 id=\"leagues\">Who is ahead?</h2>" + out +
                           "</section>\n";
}

std::string sections_of(const Report& report, const ReportLinks& links) {
  std::string out;
  int number = 0;
  for (const GroupLine& group : report.groups) {
    std::vector<const BatchLine*> batches;
    for (const BatchLine& line : report.batches) {
      if (GroupKey::of(line.batch) == group.key) batches.push_back(&line);
    }
    out += group_section(group, batches, "g" + std::to_string(++number), report.asked.has_value(), links);
  }
  return out + leagues_of(report);
}

}  // namespace

ReportParts report_parts(const Report& report, const ReportLinks& links) {
  return {head_of(report, links), sections_of(report, links), marks_html(report) + notes_of(links)};
}

std::string render_html(const Report& report) {
  const ReportParts parts = report_parts(report);
  return standalone_page({.title = "Is there alpha?",
                          .style = std::string(page_style()),
                          .head_html = parts.head,
                          .main_html = parts.sections,
                          .foot_html = parts.notes});
}

}  // namespace am::picks
