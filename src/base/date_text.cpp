#include "am/base/date_text.hpp"

#include <array>

namespace am {

namespace {

constexpr std::array kMonths{"January", "February", "March",     "April",   "May",      "June",
                             "July",    "August",   "September", "October", "November", "December"};
constexpr std::array kWeekdays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

std::string month_of(Date date) { return kMonths[static_cast<unsigned>(date.ymd().month()) - 1]; }
std::string weekday_of(Date date) { return kWeekdays[date.weekday().c_encoding()]; }
std::string day_of(Date date) { return std::to_string(static_cast<unsigned>(date.ymd().day())); }

}  // namespace

std::string long_date(Date date) {
  return weekday_of(date) + ", " + day_of(date) + " " + month_of(date) + " " + std::to_string(date.year());
}

std::string weekday_date(Date date) { return weekday_name(date) + " " + day_month(date); }

std::string day_month(Date date) { return day_of(date) + " " + month_of(date).substr(0, 3); }

std::string weekday_name(Date date) { return weekday_of(date).substr(0, 3); }

}  // namespace am
