#include "schedule_picture.hpp"

#include <array>

#include "am/kernel/new_york.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

constexpr int kDays = 7;
constexpr int kHours = 3;  // of a column

std::string cell(const std::vector<Instant>& at, Date day) {
  std::array<int, 24 / kHours> counts{};
  for (const Instant moment : at) {
    if (kernel::new_york_date(moment) != day) continue;
    // By the clock on the wall: a day that changes the clock has 24 of its hours, too.
    const auto hour = std::stoul(kernel::new_york_text(moment).substr(11, 2));
    ++counts.at(hour / kHours);
  }
  std::string text;
  for (const int count : counts) text += count == 0 ? '.' : count > 9 ? '+' : static_cast<char>('0' + count);
  return text;
}

}  // namespace

std::string week_picture(const std::vector<PictureRow>& rows, Date first) {
  constexpr std::array<const char*, kDays> kNames = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::vector<std::string> head{"", "New York"};
  for (int i = 0; i < kDays; ++i) {
    const Date day = first + i;
    head.push_back(std::string(kNames.at(day.weekday().c_encoding())) + " " + day.to_string().substr(8));
  }
  Table table(head);
  for (const PictureRow& row : rows) {
    std::vector<Cell> cells{row.kind, row.name};
    for (int i = 0; i < kDays; ++i) cells.emplace_back(cell(row.at, first + i));
    table.add(std::move(cells));
  }
  return table.text() +
         "a day in eight columns of three hours: how often in each, . never, + more than 9 times\n";
}

}  // namespace am::cli
