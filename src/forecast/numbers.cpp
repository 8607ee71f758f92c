#include "am/forecast/numbers.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace am::forecast {

namespace {

template <class... Form>
std::string written(double value, Form... form) {
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, form...).ptr;
  return {buffer.data(), end};
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  const std::size_t digit = text.starts_with('-') ? 1 : 0;
  if (text.size() <= digit || (text[digit] != '.' && (text[digit] < '0' || text[digit] > '9')))
    return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string exact_text(double value) { return written(value); }

std::string number_text(double value, int digits) {
  return written(value == 0 ? 0.0 : value, std::chars_format::general, digits);
}

std::string short_text(double value, int digits) {
  const double size = std::abs(value);
  if (!(size < 1e15)) return number_text(value, digits);
  const int whole = size < 1 ? 1 : static_cast<int>(std::floor(std::log10(size))) + 1;
  const int places = size > 0 && size < 0.1 ? digits : digits - whole;
  std::string text = written(value, std::chars_format::fixed, places > 0 ? places : 0);
  if (text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-')) text.erase(0, 1);
  return text;
}

double stored(double value) { return parse_number(number_text(value)).value_or(value); }

}  // namespace am::forecast
