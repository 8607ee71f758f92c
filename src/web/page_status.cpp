#include "page_status.hpp"

#include <algorithm>
#include <array>

#include "am/base/html.hpp"
#include "am/base/text.hpp"
#include "service.hpp"

namespace am::web {

namespace {

using kernel::BudgetState;
using kernel::BudgetWindow;
using kernel::Duty;
using kernel::JobState;
using kernel::Overview;
using kernel::Standing;

constexpr std::size_t kMostDue = 12;  ///< lines; more are counted
constexpr std::size_t kMostError = 400;

const JobState* job_named(const Overview& view, std::string_view name) {
  const auto at = std::ranges::find(view.jobs, name, &JobState::job);
  return at == view.jobs.end() ? nullptr : &*at;
}

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// "in 2 days 3 h", "3 h 12 min ago".
std::string distance(Instant at, Instant now) {
  return at > now ? "in " + duration_text(at - now) : duration_text(now - at) + " ago";
}

/// The row's name; where there is no room it breaks after an underscore.
std::string name_head(std::string_view text) {
  std::string html;
  for (const char c : escape_html(text)) {
    html += c;
    if (c == '_') html += "<wbr>";
  }
  return "<th scope=\"row\" class=\"name\">" + html + "</th>";
}

std::string small(const std::string& html) { return "<small>" + html + "</small>"; }

std::string slot_html(const Duty& duty) {
  return duty.page.empty() ? escape_html(duty.text) : link_html(duty.page, duty.text);
}

bool is_overdue(const Overview& view, const Duty& duty, const Standing& standing) {
  const auto kind = std::ranges::find(view.kinds, duty.job, &kernel::Job::name);
  return kind != view.kinds.end() && kernel::is_overdue(*kind, duty, standing, view.now);
}

std::string answer(const Overview& view, const std::vector<Standing>& standings) {
  std::vector<const Duty*> overdue;
  std::size_t now_due = 0;
  for (std::size_t i = 0; i < view.duties.size(); ++i) {
    if (is_overdue(view, view.duties[i], standings[i])) overdue.push_back(&view.duties[i]);
    now_due += view.duties[i].is_due(view.now) ? 1 : 0;
  }
  std::vector<std::string> parts;
  if (overdue.size() == 1) parts.push_back(overdue.front()->text + " is overdue");
  if (overdue.size() > 1) parts.push_back(std::to_string(overdue.size()) + " slots are overdue");
  for (const kernel::Stale& stale : kernel::stale_of(view.kinds, view.duties, view.open, view.now)) {
    if (stale.code != kernel::Stale::Code::overdue)
      parts.push_back("a run of " + stale.job + " " +
                      (stale.code == kernel::Stale::Code::failed
                           ? "failed"
                           : "was " + std::string(stale_code_name(stale.code))));
  }
  for (const BudgetState& budget : view.budgets) {
    if (budget.paused_until) parts.push_back(budget.key + " is paused");
  }
  if (parts.empty() && view.kinds.empty()) return "No desk is enabled here, so nothing is ever due.";
  if (parts.empty() && now_due > 0) return plural(now_due, "slot") + " due now, none overdue.";
  if (parts.empty()) return "Everything that was due is done.";
  std::string text = join(parts, "; ") + ".";
  text.front() = to_upper(text.substr(0, 1)).front();
  return text;
}

std::string state_cell(const Overview& view, const Duty& duty, const Standing& standing) {
  if (standing.readiness == kernel::Readiness::running) return cell("running", "t");
  if (standing.not_before) return cell("put off until " + time_html(*standing.not_before), "t");
  if (is_overdue(view, duty, standing)) return cell("overdue", "t down");
  return cell(duty.is_due(view.now) ? "due now" : "to come", "t");
}

std::string due_section(const Overview& view, const std::vector<Standing>& standings) {
  std::string rows;
  std::size_t left_out = 0;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < view.duties.size(); ++i) {
    const Duty& due = view.duties[i];
    // What is to come is always shown: one line per job.
    if (due.is_due(view.now) && shown >= kMostDue) {
      ++left_out;
      continue;
    }
    ++shown;
    rows += "<tr>" + name_head(due.job) + cell(slot_html(due), "t") +
            cell(time_html(due.due_at) + small(distance(due.due_at, view.now)), "t") +
            state_cell(view, due, standings[i]) + "</tr>";
  }
  std::string more;
  if (left_out > 0) more = "<p class=\"soft\">And " + std::to_string(left_out) + " more.</p>";
  for (const kernel::Job& kind : view.kinds) {
    if (std::ranges::find(view.duties, kind.name, &Duty::job) == view.duties.end())
      more += "<p class=\"soft\">Nothing is to come of " + escape_html(kind.name) + ".</p>";
  }
  if (view.kinds.empty()) return {};
  return "<section aria-labelledby=\"due\"><h2 id=\"due\">What is due</h2>" +
         table_html("What is due now, and the next slot of each job; New York time",
                    {"Job", "<Slot", "<Due", "<State"}, rows) +
         more + "</section>\n";
}

std::string job_row(std::string_view name, const JobState* job, Instant now) {
  if (job == nullptr)
    return "<tr>" + name_head(name) + "<td class=\"t soft\" colspan=\"5\">has never run here</td></tr>";
  const bool bad = job->status == "failed" || job->status == "abandoned";
  return "<tr>" + name_head(name) +
         cell(job->last_success ? time_html(*job->last_success) + small(distance(*job->last_success, now))
                                : "never",
              "t") +
         cell(escape_html(job->status), bad ? "t down" : "t") + cell(time_html(job->started_at), "t") +
         cell(std::to_string(job->attempts)) +
         cell(job->error.empty() ? "none" : escape_html(ellipsize(job->error, kMostError)), "t wrap") +
         "</tr>";
}

std::string jobs_section(const Overview& view) {
  std::string rows;
  for (const kernel::Job& kind : view.kinds) rows += job_row(kind.name, job_named(view, kind.name), view.now);
  for (const JobState& job : view.jobs) {
    if (std::ranges::find(view.kinds, job.job, &kernel::Job::name) == view.kinds.end())
      rows += job_row(job.job, &job, view.now);
  }
  if (rows.empty()) return {};
  return "<section aria-labelledby=\"jobs\"><h2 id=\"jobs\">Jobs</h2>" +
         table_html("When each job last succeeded, and its latest run; New York time",
                    {"Job", "<Last success", "<Latest run", "<Started", "Attempts", "<Error"}, rows) +
         "</section>\n";
}

/// "per min", "per 4h".
std::string period_of(const BudgetWindow& window) {
  const std::string text = kernel::period_text(window.period);
  const bool one = text.size() > 1 && text[0] == '1' && text[1] >= 'a';
  return "per " + (one ? text.substr(1) : text);
}

std::string budget_rows(const BudgetState& budget) {
  std::string rows;
  for (const BudgetWindow& window : budget.windows) {
    const long long left = std::max(0LL, window.limit - window.used);
    rows +=
        "<tr>" + name_head(budget.key) + cell(period_of(window), "t") + cell(std::to_string(window.limit)) +
        cell(std::to_string(window.used)) + cell(std::to_string(left), left == 0 ? "down" : "") +
        cell(budget.paused_until ? "until " + time_html(*budget.paused_until) +
                                       (budget.pause_reason.empty()
                                            ? ""
                                            : ": " + escape_html(ellipsize(budget.pause_reason, kMostError)))
                                 : "no",
             budget.paused_until ? "t wrap down" : "t") +
        "</tr>";
  }
  return rows;
}

std::string budgets_section(const Overview& view) {
  std::string rows;
  for (const BudgetState& budget : view.budgets) rows += budget_rows(budget);
  return "<section aria-labelledby=\"budgets\"><h2 id=\"budgets\">Request budgets</h2>" +
         (rows.empty() ? "<p class=\"soft\">No budget is configured.</p>"
                       : table_html("Requests to vendors that all processes share",
                                    {"Vendor", "<Window", "Limit", "Used", "Left", "<Paused"}, rows)) +
         "</section>\n";
}

/// Where a desk has queues; else nothing is said of them.
std::string queues_section(const Overview& view) {
  std::string rows;
  for (const kernel::QueueState& queue : view.queues) {
    rows += "<tr>" + name_head(queue.queue) + cell(kernel::item_count_text(queue.ready)) +
            cell(kernel::item_count_text(queue.later)) + cell(kernel::item_count_text(queue.running)) +
            cell(kernel::item_count_text(queue.dead), queue.dead > 0 ? "down" : "") +
            cell(kernel::item_count_text(queue.failed), queue.failed > 0 ? "down" : "") +
            cell(queue.oldest_ready
                     ? time_html(*queue.oldest_ready) + small(distance(*queue.oldest_ready, view.now))
                     : "none",
                 "t") +
            "</tr>";
  }
  if (rows.empty()) return {};
  return "<section aria-labelledby=\"queues\"><h2 id=\"queues\">Queues</h2>" +
         table_html("Items of work by their state; New York time",
                    {"Queue", "Ready", "Later", "Running", "Dead", "Failed", "<Oldest ready"}, rows) +
         "</section>\n";
}

/// "This is due then; overdue": the beginning of a sentence.
std::string when_due(const Router& router) {
  std::string text;
  for (const Section* section : router.sections()) {
    if (!section->status_note.empty()) text += escape_html(section->status_note) + "; ";
  }
  return text + (text.empty() ? "Overdue" : "overdue");
}

}  // namespace

PageFrame status_frame(const Overview& view, const Router& router) {
  const std::vector<Standing> standings = kernel::standings(view.duties, view.open, view.now);
  PageFrame frame;
  frame.title = "Status";
  frame.here = "/pages/status";
  frame.head_html = "<h1>Status</h1><p class=\"soft\">As of " + time_html(view.now) + ".</p>";
  frame.main_html = "<p class=\"answer\">" + escape_html(answer(view, standings)) + "</p>\n" +
                    due_section(view, standings) + jobs_section(view) + queues_section(view) +
                    budgets_section(view);
  frame.notes_html =
      "<p>" + when_due(router) + " is what has been due for more than " +
      std::to_string(std::chrono::floor<std::chrono::hours>(kernel::Job().overdue_after).count()) +
      " hours. For programs: " + link_html("/metrics", "metrics") + ", " + link_html("/readyz", "readiness") +
      ", " + link_html("/events", "the ledger's events") + ".</p>";
  return frame;
}

Document page_status(const Args& /*args*/, const Source& source) {
  const kernel::OverviewReading reading(source.desks, source.limits, source.now, source.off);
  const Overview view = reading.make(source.reader.read(reading.statements()));
  return page_document(status_frame(view, source.router), source.router);
}

}  // namespace am::web
