// Bars from a file: read byte by byte, since a replay's speed is this.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "am/base/date.hpp"
#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/strategy/bars.hpp"

namespace am::strategy {

namespace {

constexpr Micros kMicrosOfSecond = 1'000'000;
constexpr std::size_t kMostColumns = 64;

enum class BarColumn : std::uint8_t { other, day, moment, open, high, low, close, volume };

/// What is needed beside the time, as files and messages call it.
constexpr std::array<std::pair<std::string_view, BarColumn>, 7> kBarColumns{{{"date", BarColumn::day},
                                                                             {"timestamp", BarColumn::moment},
                                                                             {"open", BarColumn::open},
                                                                             {"high", BarColumn::high},
                                                                             {"low", BarColumn::low},
                                                                             {"close", BarColumn::close},
                                                                             {"volume", BarColumn::volume}}};

std::string_view without_quotes(std::string_view field) {
  const bool quoted = field.size() >= 2 && field.front() == '"' && field.back() == '"';
  return quoted ? field.substr(1, field.size() - 2) : field;
}

/// Two digits, or -1.
int two_digits(const char* at) {
  const int tens = at[0] - '0', ones = at[1] - '0';
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : 10 * tens + ones;
}

/// "2026-01-26": the days of rows that follow each other are mostly the same, so the last one is kept.
class DayReader {
 public:
  std::optional<Micros> read(std::string_view text) {
    if (text == known_ && !known_.empty()) return at_;
    const auto date = Date::parse(text);
    if (!date) return std::nullopt;
    known_ = text;
    at_ = std::chrono::duration_cast<std::chrono::microseconds>(date->days().time_since_epoch()).count();
    return at_;
  }

 private:
  std::string known_{};
  Micros at_ = 0;
};

/// "2026-01-26T14:30:00Z" quickly, every other form of RFC 3339 as the program reads it.
std::optional<Micros> read_moment(std::string_view text, DayReader& days) {
  constexpr std::size_t kPlain = 20;
  if (text.size() == kPlain && text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z') {
    const int hour = two_digits(text.data() + 11), minute = two_digits(text.data() + 14);
    const int second = two_digits(text.data() + 17);
    const auto day = days.read(text.substr(0, 10));
    if (day && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60)
      return *day + ((hour * 60 + minute) * 60 + second) * kMicrosOfSecond;
    return std::nullopt;
  }
  const auto at = parse_rfc3339(text);
  return at ? std::optional<Micros>(at->time_since_epoch().count()) : std::nullopt;
}

/// A number as CSV files have them: no sign but '-', no "inf", no "nan", no hex. Few digits are exact without more ado.
std::optional<double> read_number(std::string_view text) {
  constexpr std::array<double, 16> kTens{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                         1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  constexpr std::size_t kExactDigits = 15;
  std::uint64_t digits = 0;
  std::size_t count = 0, places = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9' && count < kExactDigits) {
      digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
      ++count;
      places += point ? 1 : 0;
    } else {
      count = 0;
      break;
    }
  }
  if (count > 0) return static_cast<double>(digits) / kTens[places];
  if (text.empty() || (text.front() != '-' && (text.front() < '0' || text.front() > '9')))
    return std::nullopt;
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

class BarsReader {
 public:
  BarsReader(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  std::vector<Bar> read() {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kMark)) text_.remove_prefix(kMark.size());
    std::string_view line;
    do {
      if (!next_line(line))
        fail("it is empty (expected a header: date or timestamp, open, high, low, close, volume)");
    } while (trim(line).empty());
    read_header(line);
    std::vector<Bar> bars;
    bars.reserve(text_.size() / kShortestLine);
    while (next_line(line)) {
      if (line.empty() || trim(line).empty()) continue;
      const Bar bar = read_bar(line);
      if (!bars.empty() && bar.start <= bars.back().start)
        fail("out of order (expected a later time than the line before has)");
      bars.push_back(bar);
    }
    bars.shrink_to_fit();
    return bars;
  }

 private:
  static constexpr std::size_t kShortestLine = 40;

  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorKind::data, path_ + ":" + std::to_string(line_) + ": " + problem);
  }

  bool next_line(std::string_view& line) {
    if (text_.empty()) return false;
    ++line_;
    const std::size_t end = text_.find('\n');
    line = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
  }

  void read_header(std::string_view line) {
    std::array<bool, 8> has{};
    for (const std::string& field : split(line, ',')) {
      if (columns_.size() == kMostColumns) fail("more than " + std::to_string(kMostColumns) + " columns");
      const std::string name = to_lower(trim(without_quotes(trim(field))));
      BarColumn column = BarColumn::other;
      for (const auto& [known, as] : kBarColumns)
        if (name == known) column = as;
      if (column != BarColumn::other && std::exchange(has[static_cast<std::size_t>(column)], true))
        fail("column " + name + " is there twice");
      columns_.push_back(column);
    }
    has_day_ = has[static_cast<std::size_t>(BarColumn::day)];
    const bool has_moment = has[static_cast<std::size_t>(BarColumn::moment)];
    if (has_day_ == has_moment)
      fail(has_day_ ? "columns date and timestamp (expected one of them)" : "no column date or timestamp");
    for (const auto& [name, column] : kBarColumns)
      if (column >= BarColumn::open && !has[static_cast<std::size_t>(column)])
        fail("no column " + std::string(name));
  }

  Bar read_bar(std::string_view line) {
    Bar bar;
    std::size_t at = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (at > line.size())
        fail("too few fields (expected " + std::to_string(columns_.size()) + ", got " + std::to_string(i) +
             ")");
      const std::size_t end = std::min(line.find(',', at), line.size());
      take(columns_[i], line.substr(at, end - at), bar);
      at = end + 1;
    }
    if (at <= line.size()) fail("too many fields (expected " + std::to_string(columns_.size()) + ")");
    if (!is_possible(bar))
      fail("impossible as a bar (expected positive prices, low ≤ open, close ≤ high, a volume from 0 on)");
    return bar;
  }

  void take(BarColumn column, std::string_view field, Bar& bar) {
    if (column == BarColumn::other) return;
    field = without_quotes(field);
    switch (column) {
      case BarColumn::other:
        return;
      case BarColumn::day:
      case BarColumn::moment: {
        const auto start = column == BarColumn::day ? days_.read(field) : read_moment(field, days_);
        if (!start)
          fail(column == BarColumn::day
                   ? "date " + shown(field) + ": no day (expected as 2026-01-26)"
                   : "timestamp " + shown(field) +
                         ": no moment (expected with its zone, as 2026-01-26T14:30:00Z)");
        bar.start = *start;
        return;
      }
      case BarColumn::open:
        bar.open = number(field, "open");
        return;
      case BarColumn::high:
        bar.high = number(field, "high");
        return;
      case BarColumn::low:
        bar.low = number(field, "low");
        return;
      case BarColumn::close:
        bar.close = number(field, "close");
        return;
      case BarColumn::volume:
        bar.volume = number(field, "volume");
        return;
    }
  }

  double number(std::string_view field, std::string_view name) const {
    const auto value = read_number(field);
    if (!value) fail(std::string(name) + " " + shown(field) + ": no number");
    return *value;
  }

  std::string_view text_;
  const std::string& path_;
  std::size_t line_ = 0;
  std::vector<BarColumn> columns_{};
  bool has_day_ = false;
  DayReader days_{};
};

}  // namespace

bool is_possible(const Bar& bar) {
  constexpr double kMostPrice = 1e12;   // what can be ordered; squares of it stay exact enough
  constexpr double kMostVolume = 1e15;  // volumes are whole or nearly so
  return bar.low > 0 && bar.low <= bar.open && bar.low <= bar.close && bar.open <= bar.high &&
         bar.close <= bar.high && bar.high < kMostPrice && bar.volume >= 0 && bar.volume < kMostVolume;
}

std::vector<Bar> parse_bars_csv(std::string_view text, const std::string& path) {
  return BarsReader(text, path).read();
}

}  // namespace am::strategy
