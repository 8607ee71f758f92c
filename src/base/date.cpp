#include "am/base/date.hpp"

#include <array>
#include <cstdint>

namespace am {
namespace {

using std::chrono::microseconds;

/// Exactly `count` ASCII digits at `from`; -1 if not so.
int digits_at(std::string_view text, std::size_t from, std::size_t count) {
  if (from + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = 10 * value + (text[i] - '0');
  }
  return value;
}

void append_padded(std::string& text, unsigned value, int width) {
  std::array<char, 10> digits{};
  for (int i = width - 1; i >= 0; --i) {
    digits.at(static_cast<std::size_t>(i)) = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  text.append(digits.data(), static_cast<std::size_t>(width));
}

/// Microseconds of ".5", cutting what is finer; moves `at` behind the digits. -1 without a digit.
std::int64_t fraction_at(std::string_view text, std::size_t& at) {
  std::int64_t micros = 0;
  int seen = 0;
  for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++seen) {
    if (seen < 6) micros = 10 * micros + (text[at] - '0');
  }
  if (seen == 0) return -1;
  for (; seen < 6; ++seen) micros *= 10;
  return micros;
}

/// Minutes east of UTC of what must be the rest of the text: "Z" or "+hh:mm".
std::optional<int> offset_minutes(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const int hours = digits_at(zone, 1, 2);
  const int minutes = digits_at(zone, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const int east = 60 * hours + minutes;
  return zone[0] == '-' ? -east : east;
}

}  // namespace

std::optional<Date> Date::parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year{year},
                                        std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  if (!ymd.ok()) return std::nullopt;
  return Date{std::chrono::sys_days{ymd}};
}

Date Date::of(std::string_view text) {
  if (const auto date = parse(text)) return *date;
  throw Error(ErrorKind::bug, "date: expected YYYY-MM-DD, got '" + std::string(text) + "'");
}

std::string Date::to_string() const {
  const auto ymd = this->ymd();
  std::string text;
  text.reserve(10);
  append_padded(text, static_cast<unsigned>(static_cast<int>(ymd.year())), 4);
  text += '-';
  append_padded(text, static_cast<unsigned>(ymd.month()), 2);
  text += '-';
  append_padded(text, static_cast<unsigned>(ymd.day()), 2);
  return text;
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto date = Date::parse(text.substr(0, 10));
  const int hour = digits_at(text, 11, 2);
  const int minute = digits_at(text, 14, 2);
  const int second = digits_at(text, 17, 2);
  if (!date || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  std::size_t at = 19;
  const std::int64_t micros = text[at] == '.' ? fraction_at(text, at) : 0;
  const auto offset = offset_minutes(text.substr(at));
  if (micros < 0 || !offset) return std::nullopt;
  const Instant instant = Instant{date->days()} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                          std::chrono::seconds{second} + microseconds{micros} - std::chrono::minutes{*offset};
  const int year = Date{std::chrono::floor<std::chrono::days>(instant)}.year();
  if (year < 1 || year > 9999) return std::nullopt;  // an offset can move a date out of what we print
  return instant;
}

std::string format_rfc3339(Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::hh_mm_ss<microseconds> time{at - day};
  std::string text = Date{day}.to_string();
  text += 'T';
  append_padded(text, static_cast<unsigned>(time.hours().count()), 2);
  text += ':';
  append_padded(text, static_cast<unsigned>(time.minutes().count()), 2);
  text += ':';
  append_padded(text, static_cast<unsigned>(time.seconds().count()), 2);
  if (time.subseconds().count() != 0) {
    text += '.';
    append_padded(text, static_cast<unsigned>(time.subseconds().count()), 6);
    text.erase(text.find_last_not_of('0') + 1);
  }
  text += 'Z';
  return text;
}

}  // namespace am
