#include "schedules.hpp"

#include "am/base/text.hpp"

namespace am::cli {

std::string credential_file(const std::string& variable) { return to_lower(variable); }

const std::vector<Schedule>& schedules() {
  static const std::vector<Schedule> kAll = {
      {.name = "due",
       .call = "due --run",
       .summary = "do what is due",
       .remark = "Every 5 minutes; most of them find nothing and end at once.",
       .table = {.every_minutes = 5},
       .tick = true,
       .weekly = true,
       .daily = true,
       .secrets = {"DATABASE_URL", "OPENAI_API_KEY", "ALPHA_VANTAGE_API_KEY", "RESEND_API_KEY",
                   "AM_PING_DUE"}},
      {.name = "run-weekly",
       .call = "run-weekly",
       .summary = "make this week's batch",
       .remark =
           "Mondays from 9:00 in New York. The later hours, and the days to Friday, find the batch made, or "
           "make it when something was late.",
       .table = {.weekdays = true, .first_hour = 9, .last_hour = 13, .minute = 0},
       .weekly = true,
       .secrets = {"DATABASE_URL", "OPENAI_API_KEY", "ALPHA_VANTAGE_API_KEY", "RESEND_API_KEY",
                   "AM_PING_RUN_WEEKLY"}},
      {.name = "checkpoint",
       .call = "checkpoint --due",
       .summary = "measure every day that is due",
       .remark =
           "Daily from 9:05 in New York, when the day before is due; hourly, for closes that come late.",
       .table = {.first_hour = 9, .last_hour = 18, .minute = 5},
       .daily = true,
       .secrets = {"DATABASE_URL", "ALPHA_VANTAGE_API_KEY", "RESEND_API_KEY", "AM_PING_CHECKPOINT"}}};
  return kAll;
}

}  // namespace am::cli
