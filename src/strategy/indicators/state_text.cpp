#include <array>
#include <bit>
#include <charconv>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/strategy/indicators.hpp"

namespace am::strategy {

namespace {

constexpr int kHexDigits = 16;

Error no_state(const std::string& problem) {
  return {ErrorKind::data, "a strategy's state: " + problem, "it was written by another version or strategy"};
}

}  // namespace

void StateWriter::add(double value) {
  std::array<char, kHexDigits> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), std::bit_cast<std::uint64_t>(value), 16)
          .ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  text_ += ' ';
  text_.append(kHexDigits - count, '0');
  text_.append(digits.data(), count);
}

void StateWriter::add(std::int64_t value) {
  text_ += ' ';
  text_ += std::to_string(value);
}

StateReader::StateReader(std::string_view text, std::string_view kind) : rest_(text) {
  if (const std::string_view its = word(); its != kind)
    throw no_state("it is of another kind (expected " + std::string(kind) + ", got " + shown(its) + ")");
}

std::string_view StateReader::word() {
  if (rest_.empty()) throw no_state("it ends too early");
  const std::size_t end = rest_.find(' ');
  const std::string_view found = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
  return found;
}

double StateReader::number() {
  const std::string_view digits = word();
  std::uint64_t bits = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  if (digits.size() != kHexDigits || error != std::errc{} || rest != digits.data() + digits.size())
    throw no_state("no number (expected 16 hex digits, got " + shown(digits) + ")");
  return std::bit_cast<double>(bits);
}

std::int64_t StateReader::integer() {
  const std::string_view digits = word();
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || rest != digits.data() + digits.size())
    throw no_state("no whole number (got " + shown(digits) + ")");
  return value;
}

std::int64_t StateReader::integer(std::int64_t low, std::int64_t high) {
  const std::int64_t value = integer();
  if (value < low || value > high)
    throw no_state("a number out of range (expected " + std::to_string(low) + " to " + std::to_string(high) +
                   ", got " + std::to_string(value) + ")");
  return value;
}

void StateReader::end() const {
  if (!rest_.empty()) throw no_state("it ends too late");
}

}  // namespace am::strategy
