#pragma once
// Exact decimal numbers for prices, money and returns: 34 significant digits, half-even, the arithmetic
// of IEEE 754 decimal128 and of Python's decimal with prec=34, trailing zeros included ("1.10" stays
// "1.10"). Deliberately no NaN and no infinity: what cannot be a number is refused where it is read, and
// division by zero is the caller's to exclude. Never converts from or to binary floats silently.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace am {

/// sign · coefficient · 10^exponent, coefficient < 10^34.
///
/// Errors:  arithmetic beyond an exponent of ±6000 throws Error{data}; division by zero throws Error{bug}.
/// Threads: a value.
/// Source:  General Decimal Arithmetic Specification 1.70 (add, subtract, multiply, divide, quantum rules).
class Decimal {
 public:
  static constexpr int kDigits = 34;

  constexpr Decimal() = default;
  Decimal(long long value);  // NOLINT(google-explicit-constructor): integers are exact
  Decimal(int value) : Decimal(static_cast<long long>(value)) {}  // NOLINT(google-explicit-constructor)
  Decimal(double) = delete;

  /// Strict: optional '-', digits with at most one '.', at least one digit, optional exponent
  /// ("1e-7", as PostgreSQL and JSON may write it). No spaces, no '+', no "nan", no "inf", no hex; no more
  /// characters than to_string can give. More than 34 significant digits are rounded half-even. nullopt if not so.
  static std::optional<Decimal> parse(std::string_view text);
  /// parse, or Error{bug}: for literals in code and for what our own tables hold.
  static Decimal of(std::string_view text);

  /// Plain notation, never an exponent, trailing zeros kept: "-0.0500". parse reads each of them, and so does
  /// PostgreSQL's numeric, which gives back the same text.
  std::string to_string() const;
  /// Rounded half-even to so many places: for tables and pages. "3.14".
  std::string to_fixed(int places) const;
  /// The same as a number: to so many places, 0 to 6000, with zeros at the end where 34 digits allow them.
  Decimal rounded(int places) const;
  /// Nearest double: for statistics and charts only.
  double to_double() const;

  bool is_zero() const noexcept { return coefficient_ == 0; }
  bool is_negative() const noexcept { return negative_ && coefficient_ != 0; }
  bool is_positive() const noexcept { return !negative_ && coefficient_ != 0; }

  Decimal operator-() const;
  Decimal abs() const { return is_negative() ? -*this : *this; }
  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  friend Decimal operator/(const Decimal& a, const Decimal& b);
  Decimal& operator+=(const Decimal& b) { return *this = *this + b; }

  /// By numeric value: 1.10 == 1.1.
  friend bool operator==(const Decimal& a, const Decimal& b);
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

 private:
  __extension__ typedef unsigned __int128 Coefficient;  // 10^34 < 2^113
  Coefficient coefficient_ = 0;
  int exponent_ = 0;
  bool negative_ = false;

  friend struct DecimalOps;
};

}  // namespace am
