// Coefficients are unsigned 128-bit integers. Only intermediates that may exceed 38 digits (products,
// aligned sums, scaled dividends: at most 70 digits, below 2^233) go through a fixed 256-bit integer.
#include "am/base/decimal.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include <boost/multiprecision/cpp_int.hpp>

#include "am/base/error.hpp"

namespace am {
namespace {

__extension__ typedef unsigned __int128 U128;
namespace mp = boost::multiprecision;
using U256 = mp::number<mp::cpp_int_backend<256, 256, mp::unsigned_magnitude, mp::unchecked, void>>;

constexpr int kMaxExponent = 6000;
constexpr int kDigits = Decimal::kDigits;
/// The longest text of a Decimal: a sign, 34 digits and 6000 zeros.
constexpr std::size_t kMaxText = 1 + kDigits + kMaxExponent;
constexpr std::size_t kMaxShown = 100;

template <class T, int N>
constexpr std::array<T, N> powers_of_ten() {
  std::array<T, N> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < N; ++i) powers[i] = powers[i - 1] * 10U;
  return powers;
}

constexpr std::array<U128, 39> kTen = powers_of_ten<U128, 39>();

U128 ten(int power) { return kTen[static_cast<std::size_t>(power)]; }

const U256& wide_ten(int power) {
  static const auto kPowers = powers_of_ten<U256, 77>();
  return kPowers[static_cast<std::size_t>(power)];
}

/// Decimal digits of a value; 1 for 0.
int digit_count(U128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64U);
  const int bits = high != 0 ? 128 - std::countl_zero(high)
                             : 64 - std::countl_zero(static_cast<std::uint64_t>(value) | 1U);
  const int floor = (bits * 1233) >> 12;  // 1233 / 4096 is log10(2), low by 5e-6
  return floor + (value >= ten(floor) ? 1 : 0) + (value == 0 ? 1 : 0);
}

int digit_count(const U256& value) {
  if (value == 0) return 1;
  int digits = ((static_cast<int>(mp::msb(value)) + 1) * 1233) >> 12;
  while (value >= wide_ten(digits)) ++digits;
  return digits;
}

U128 round_half_even(U128 quotient, U128 remainder, U128 divisor) {
  const U128 half = divisor / 2;  // divisor is a power of ten above 1, so it is even
  const bool up = remainder > half || (remainder == half && quotient % 2 == 1);
  return quotient + (up ? 1 : 0);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

/// The one place that may put together the parts of a Decimal.
struct DecimalOps {
  /// A result of at most 34 digits; exponent within bounds. Zero has no sign.
  static Decimal exact(bool negative, U128 coefficient, int exponent) {
    Decimal result;
    if (coefficient == 0) {
      result.exponent_ = std::clamp(exponent, -kMaxExponent, kMaxExponent);
      return result;
    }
    if (exponent < -kMaxExponent || exponent > kMaxExponent) {
      throw Error(ErrorKind::data,
                  "decimal: result is out of range (expected an exponent within ±6000, got " +
                      std::to_string(exponent) + ")");
    }
    result.negative_ = negative;
    result.coefficient_ = coefficient;
    result.exponent_ = exponent;
    return result;
  }

  static Decimal rounded(bool negative, U128 coefficient, int exponent) {
    const int drop = digit_count(coefficient) - kDigits;
    if (drop <= 0) return exact(negative, coefficient, exponent);
    const U128 divisor = ten(drop);
    return carried(negative, round_half_even(coefficient / divisor, coefficient % divisor, divisor),
                   exponent + drop);
  }

  static Decimal rounded(bool negative, const U256& coefficient, int exponent) {
    const int drop = digit_count(coefficient) - kDigits;
    if (drop <= 0) return exact(negative, static_cast<U128>(coefficient), exponent);
    U256 quotient;
    U256 remainder;
    mp::divide_qr(coefficient, wide_ten(drop), quotient, remainder);
    const int against_half = U256(remainder * 2U).compare(wide_ten(drop));
    U128 kept = static_cast<U128>(quotient);
    if (against_half > 0 || (against_half == 0 && kept % 2 == 1)) ++kept;
    return carried(negative, kept, exponent + drop);
  }

  static Decimal add(const Decimal& a, const Decimal& b) {
    if (a.coefficient_ == 0 || b.coefficient_ == 0) return add_zero(a, b);
    if (a.exponent_ == b.exponent_) {
      return sum(a.negative_, a.coefficient_, b.negative_, b.coefficient_, a.exponent_);
    }
    return a.exponent_ > b.exponent_ ? add_aligned(a, b) : add_aligned(b, a);
  }

  static Decimal multiply(const Decimal& a, const Decimal& b) {
    const bool negative = a.negative_ != b.negative_;
    const int exponent = a.exponent_ + b.exponent_;
    if ((a.coefficient_ >> 64U) == 0 && (b.coefficient_ >> 64U) == 0) {
      return rounded(negative, a.coefficient_ * b.coefficient_, exponent);
    }
    return rounded(negative, U256(U256(a.coefficient_) * U256(b.coefficient_)), exponent);
  }

  /// Scales the dividend so that the quotient has 35 or 36 digits: one more than needed, so that a
  /// remainder can be told to the rounding by a last digit that is neither 0 nor 5.
  static Decimal divide(const Decimal& a, const Decimal& b) {
    if (b.coefficient_ == 0) throw Error(ErrorKind::bug, "decimal: division by zero");
    const bool negative = a.negative_ != b.negative_;
    const int ideal = a.exponent_ - b.exponent_;
    if (a.coefficient_ == 0) return exact(false, 0, ideal);
    const int shift = kDigits + 1 + digit_count(b.coefficient_) - digit_count(a.coefficient_);
    U256 wide_quotient;
    U256 remainder;
    mp::divide_qr(U256(U256(a.coefficient_) * wide_ten(shift)), U256(b.coefficient_), wide_quotient,
                  remainder);
    U128 quotient = static_cast<U128>(wide_quotient);  // below 10^36
    if (remainder != 0) {
      if (quotient % 5 == 0) ++quotient;
      return rounded(negative, quotient, ideal - shift);
    }
    int room = shift;  // an exact quotient gives up trailing zeros, as far as the ideal exponent
    for (int step = 32; step > 0; step /= 2) {
      while (room >= step && quotient % ten(step) == 0) {
        quotient /= ten(step);
        room -= step;
      }
    }
    return rounded(negative, quotient, ideal - room);
  }

  static std::strong_ordering compare(const Decimal& a, const Decimal& b) {
    const int sign_a = sign(a);
    const int sign_b = sign(b);
    if (sign_a != sign_b || sign_a == 0) return sign_a <=> sign_b;
    const auto magnitude = compare_magnitude(a, b);
    return sign_a > 0 ? magnitude : 0 <=> magnitude;
  }

  /// Exact digits of the coefficient.
  static std::string digits(U128 value) {
    std::array<char, 40> text{};
    auto at = text.size();
    constexpr std::uint64_t kChunk = 1'000'000'000'000'000'000;
    while (value >= kChunk) {
      auto low = static_cast<std::uint64_t>(value % kChunk);
      value /= kChunk;
      for (int i = 0; i < 18; ++i, low /= 10) text[--at] = static_cast<char>('0' + low % 10);
    }
    auto high = static_cast<std::uint64_t>(value);
    do {
      text[--at] = static_cast<char>('0' + high % 10);
      high /= 10;
    } while (high != 0);
    return {text.data() + at, text.size() - at};
  }

  /// Plain notation of coefficient · 10^exponent.
  static std::string plain(bool negative, U128 coefficient, int exponent) {
    std::string text = digits(coefficient);
    if (exponent >= 0) {
      if (coefficient != 0) text.append(static_cast<std::size_t>(exponent), '0');
    } else {
      const auto places = static_cast<std::size_t>(-exponent);
      if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
      text.insert(text.size() - places, 1, '.');
    }
    if (negative && coefficient != 0) text.insert(0, 1, '-');
    return text;
  }

 private:
  /// Rounding up may have carried into a 35th digit, and then only into 10^34 itself.
  static Decimal carried(bool negative, U128 coefficient, int exponent) {
    if (coefficient == ten(kDigits)) return exact(negative, ten(kDigits - 1), exponent + 1);
    return exact(negative, coefficient, exponent);
  }

  static int sign(const Decimal& a) { return a.coefficient_ == 0 ? 0 : (a.negative_ ? -1 : 1); }

  template <class Wide>
  static Decimal sum(bool negative_a, const Wide& a, bool negative_b, const Wide& b, int exponent) {
    if (negative_a == negative_b) return rounded(negative_a, Wide(a + b), exponent);
    if (a < b) return rounded(negative_b, Wide(b - a), exponent);
    return rounded(negative_a, Wide(a - b), exponent);
  }

  /// x + 0 is x, with the zero's exponent where 34 digits allow it ("1 + 0.00" is "1.00").
  static Decimal add_zero(const Decimal& a, const Decimal& b) {
    const int low = std::min(a.exponent_, b.exponent_);
    const Decimal& x = a.coefficient_ == 0 ? b : a;
    if (x.coefficient_ == 0) return exact(false, 0, low);
    const int pad = std::min(x.exponent_ - low, kDigits - digit_count(x.coefficient_));
    return exact(x.negative_, x.coefficient_ * ten(pad), x.exponent_ - pad);
  }

  /// high has the greater exponent. An addend that lies wholly below the digits that count is
  /// replaced by a sticky 1 there: it can only decide a tie, and the scaling stays below 70 digits.
  static Decimal add_aligned(const Decimal& high, const Decimal& low) {
    const int high_digits = digit_count(high.coefficient_);
    const int floor = high.exponent_ + std::min(-1, high_digits - kDigits - 2);
    U128 low_coefficient = low.coefficient_;
    int exponent = low.exponent_;
    if (digit_count(low_coefficient) + exponent - 1 < floor) {
      low_coefficient = 1;
      exponent = floor;
    }
    const int shift = high.exponent_ - exponent;
    if (high_digits + shift < 38) {
      return sum<U128>(high.negative_, high.coefficient_ * ten(shift), low.negative_, low_coefficient,
                       exponent);
    }
    return sum<U256>(high.negative_, U256(U256(high.coefficient_) * wide_ten(shift)), low.negative_,
                     U256(low_coefficient), exponent);
  }

  static std::strong_ordering compare_magnitude(const Decimal& a, const Decimal& b) {
    const int top_a = digit_count(a.coefficient_) + a.exponent_;
    const int top_b = digit_count(b.coefficient_) + b.exponent_;
    if (top_a != top_b) return top_a <=> top_b;
    const int low = std::min(a.exponent_, b.exponent_);  // same top digit: at most 33 apart
    const U128 x = a.coefficient_ * ten(a.exponent_ - low);
    const U128 y = b.coefficient_ * ten(b.exponent_ - low);
    if (x == y) return std::strong_ordering::equal;
    return x < y ? std::strong_ordering::less : std::strong_ordering::greater;
  }
};

namespace {

/// Collects digits left to right: 34 of them exactly, then what half-even rounding must know.
struct DigitCollector {
  U128 coefficient = 0;
  int kept = 0;
  int dropped = 0;
  int first_dropped = 0;
  bool sticky = false;

  void take(char c) {
    const int digit = c - '0';
    if (kept < kDigits) {
      coefficient = coefficient * 10 + static_cast<unsigned>(digit);
      if (coefficient != 0) ++kept;  // leading zeros do not count
    } else if (dropped++ == 0) {
      first_dropped = digit;
    } else {
      sticky = sticky || digit != 0;
    }
  }

  U128 rounded() const {
    const bool tie = first_dropped == 5 && !sticky;
    const bool up = tie ? coefficient % 2 == 1 : first_dropped >= 5;
    return coefficient + (up ? 1 : 0);
  }
};

/// The exponent written behind 'e', which must be the rest of the text.
std::optional<int> written_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  int value = 0;
  for (const char c : text) value = std::min(10 * value + (c - '0'), 100'000);
  return negative ? -value : value;
}

}  // namespace

Decimal::Decimal(long long value)
    : coefficient_(value < 0 ? 0ULL - static_cast<unsigned long long>(value)
                             : static_cast<unsigned long long>(value)),
      negative_(value < 0) {}

std::optional<Decimal> Decimal::parse(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  const bool negative = text.starts_with('-');
  std::size_t at = negative ? 1 : 0;
  DigitCollector collected;
  int exponent = 0;
  bool point = false;
  bool any = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      collected.take(c);
      any = true;
      if (point) --exponent;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (!any) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    const auto written = written_exponent(text.substr(at + 1));
    if (!written) return std::nullopt;
    exponent += *written;
  }
  exponent += collected.dropped;
  const U128 coefficient = collected.rounded();
  const int carry = coefficient == ten(kDigits) ? 1 : 0;  // 34 nines were rounded up
  if (exponent < -kMaxExponent || exponent + carry > kMaxExponent) return std::nullopt;
  return DecimalOps::rounded(negative, coefficient, exponent);
}

Decimal Decimal::of(std::string_view text) {
  if (const auto value = parse(text)) return *value;
  throw Error(ErrorKind::bug,
              "decimal: expected a number, got '" + std::string(text.substr(0, kMaxShown)) + "'");
}

std::string Decimal::to_string() const { return DecimalOps::plain(negative_, coefficient_, exponent_); }

std::string Decimal::to_fixed(int places) const {
  if (places < 0 || places > kMaxExponent) {
    throw Error(ErrorKind::bug, "decimal: expected 0 to 6000 places, got " + std::to_string(places));
  }
  const int drop = -exponent_ - places;
  if (drop > 0) {
    const int digits = digit_count(coefficient_);
    if (drop > digits) return DecimalOps::plain(false, 0, -places);  // below a tenth of the last place
    const U128 divisor = ten(drop);
    return DecimalOps::plain(
        negative_, round_half_even(coefficient_ / divisor, coefficient_ % divisor, divisor), -places);
  }
  std::string text = to_string();
  if (exponent_ >= 0 && places > 0) text += '.';
  return text.append(static_cast<std::size_t>(exponent_ >= 0 ? places : -drop), '0');
}

Decimal Decimal::rounded(int places) const {
  const int drop = -exponent_ - places;
  if (places < 0 || drop > kDigits || digit_count(coefficient_) - drop > kDigits) return of(to_fixed(places));
  if (drop <= 0) return DecimalOps::exact(negative_, coefficient_ * ten(-drop), -places);
  const U128 divisor = ten(drop);
  return DecimalOps::exact(negative_,
                           round_half_even(coefficient_ / divisor, coefficient_ % divisor, divisor), -places);
}

double Decimal::to_double() const {
  constexpr U128 kExact = U128{1} << 53U;
  constexpr std::array kTens{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (coefficient_ <= kExact && exponent_ <= 0 && exponent_ >= -22) {
    // Both operands are exact doubles, so the one division rounds correctly.
    const double magnitude = static_cast<double>(static_cast<std::uint64_t>(coefficient_)) /
                             kTens[static_cast<std::size_t>(-exponent_)];
    return negative_ ? -magnitude : magnitude;
  }
  const std::string text = DecimalOps::digits(coefficient_) + "e" + std::to_string(exponent_);
  double magnitude = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), magnitude);
  if (parsed.ec == std::errc::result_out_of_range)
    magnitude = exponent_ > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return negative_ ? -magnitude : magnitude;
}

Decimal Decimal::operator-() const {
  Decimal negated = *this;
  negated.negative_ = coefficient_ != 0 && !negative_;
  return negated;
}

Decimal operator+(const Decimal& a, const Decimal& b) { return DecimalOps::add(a, b); }
Decimal operator-(const Decimal& a, const Decimal& b) { return DecimalOps::add(a, -b); }
Decimal operator*(const Decimal& a, const Decimal& b) { return DecimalOps::multiply(a, b); }
Decimal operator/(const Decimal& a, const Decimal& b) { return DecimalOps::divide(a, b); }

bool operator==(const Decimal& a, const Decimal& b) { return DecimalOps::compare(a, b) == 0; }
std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) { return DecimalOps::compare(a, b); }

}  // namespace am
