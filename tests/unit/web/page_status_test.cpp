#include "web/page_status.hpp"

#include <gtest/gtest.h>

#include "am/picks/due.hpp"
#include "am/picks/jobs.hpp"
#include "support/html.hpp"
#include "support/picks_router.hpp"

namespace am::web {
namespace {

const Instant kNow = *parse_rfc3339("2026-01-27T15:00:00Z");
constexpr Date kStatusMonday{2026, 1, 26};

kernel::Duty due(int day, Instant at) {
  kernel::Duty duty = picks::weekly_due(kStatusMonday);
  if (day > 0) {
    duty.job = picks::kCheckpointJob;
    duty.slot = "id:" + std::to_string(day);
    duty.text = "day " + std::to_string(day) + " of " + kStatusMonday.to_string();
    duty.page = "/pages/batches/" + kStatusMonday.to_string();
  }
  duty.due_at = at;
  return duty;
}

std::vector<kernel::Job> kinds() { return {picks::jobs().begin(), picks::jobs().end()}; }

kernel::JobState job(const std::string& name, const std::string& status) {
  kernel::JobState state;
  state.job = name;
  state.status = status;
  state.slot = "id:1";
  state.attempts = 3;
  state.started_at = kNow - std::chrono::hours(1);
  return state;
}

kernel::OpenRun open_run_of(const std::string& job, const std::string& status) {
  kernel::OpenRun run;
  run.job = job;
  run.slot = "id:1";
  run.status = status;
  run.lease_live = true;
  return run;
}

std::string page_of(const kernel::Overview& view) {
  const std::string page = page_document(status_frame(view, test::picks_router()), test::picks_router()).body;
  EXPECT_EQ(test::html_problems(page), std::vector<std::string>());
  return page;
}

bool page_has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST(PageStatus, AllIsWell) {
  const std::string page = page_of({kNow, kinds(), {due(2, kNow + std::chrono::hours(23))}, {}, {}, {}});
  EXPECT_TRUE(page_has(page, "Everything that was due is done."));
  EXPECT_TRUE(page_has(page, "in 23 h 0 min"));
  EXPECT_TRUE(page_has(page, "<td class=\"t\">to come</td>"));
  EXPECT_TRUE(page_has(page, "has never run here"));
  EXPECT_TRUE(page_has(page, "As of <time datetime=\"2026-01-27T15:00:00Z\">2026-01-27 10:00 EST</time>"));
  EXPECT_TRUE(page_has(page, "No budget is configured."));
}

TEST(PageStatus, DueIsNotYetOverdue) {
  EXPECT_TRUE(page_has(page_of({kNow, kinds(), {due(1, kNow - std::chrono::minutes(60))}, {}, {}, {}}),
                       "1 slot due now, none overdue."));
  EXPECT_TRUE(page_has(page_of({kNow, kinds(), {due(1, kNow - std::chrono::hours(3))}, {}, {}, {}}),
                       "Day 1 of 2026-01-26 is overdue."));
  EXPECT_TRUE(page_has(page_of({kNow, kinds(), {due(0, kNow - std::chrono::hours(25))}, {}, {}, {}}),
                       "The batch of 2026-01-26 is overdue."));
}

TEST(PageStatus, ManySlotsAreCounted) {
  kernel::Overview view{kNow, kinds(), {}, {}, {}, {}};
  for (int day = 1; day <= 14; ++day)
    view.duties.push_back(due(day, kNow - std::chrono::hours(24 * (15 - day))));
  view.duties.push_back(due(0, kNow + std::chrono::hours(5)));
  const std::string page = page_of(view);
  EXPECT_TRUE(page_has(page, "14 slots are overdue."));
  EXPECT_TRUE(page_has(page, "And 2 more."));
  EXPECT_TRUE(page_has(page, "to come"));
}

TEST(PageStatus, AnOverdueSlotMayBeRunningOrPutOff) {
  const kernel::OpenRun running = open_run_of(std::string(picks::kCheckpointJob), "running");
  kernel::Overview view{kNow, kinds(), {due(1, kNow - std::chrono::hours(3))}, {}, {running}, {}};
  EXPECT_TRUE(page_has(page_of(view), "<td class=\"t\">running</td>"));
  view.open[0].status = "deferred";
  view.open[0].not_before = kNow + std::chrono::hours(1);
  EXPECT_TRUE(page_has(page_of(view), "put off until <time"));
  view.open[0].slot = "id:7";
  EXPECT_TRUE(page_has(page_of(view), ">overdue</td>"));
}

TEST(PageStatus, TroubleIsNamedAndEscaped) {
  kernel::JobState failed = job("feed<script>", "failed");
  failed.error = "vendor said <img src=x> & more " + std::string(1000, 'x');
  kernel::BudgetState budget;
  budget.key = "alpha_vantage";
  budget.windows = {{5, std::chrono::minutes(1), 7}, {500, std::chrono::hours(24), 100}};
  budget.paused_until = kNow + std::chrono::hours(1);
  budget.pause_reason = "\"Note\" <b>";
  kernel::OpenRun lost = open_run_of("feed", "running");
  lost.lease_live = false;
  const std::string page =
      page_of({kNow, kinds(), {}, {failed}, {open_run_of(failed.job, "failed"), lost}, {budget}});
  EXPECT_TRUE(
      page_has(page, "A run of feed&lt;script&gt; failed; a run of feed was lost; alpha_vantage is paused."));
  EXPECT_TRUE(page_has(page, "vendor said &lt;img src=x&gt; &amp; more"));
  EXPECT_TRUE(page_has(page, "xx\u2026"));
  EXPECT_TRUE(page_has(page, "<td>5</td><td>7</td><td class=\"down\">0</td>"));
  EXPECT_TRUE(page_has(page, "<td>500</td><td>100</td><td>400</td>"));
  EXPECT_TRUE(page_has(page, "&quot;Note&quot; &lt;b&gt;"));
}

}  // namespace
}  // namespace am::web
