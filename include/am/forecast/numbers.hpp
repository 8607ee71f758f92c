#pragma once
// Doubles as text: strict in, exact or rounded out. The figures of this desk are estimates, so they are binary floats; money
// never is (Decimal).

#include <optional>
#include <string>
#include <string_view>

namespace am::forecast {

/// Significant digits of what is stored and shown to programs: what two machines agree on.
inline constexpr int kStoredDigits = 12;

/// Digits with a point, an exponent, a minus; finite. nullopt for all else: "inf", "0x1", "1,000", "+1", " 1".
std::optional<double> parse_number(std::string_view text);
/// The shortest text that is read as the same double.
std::string exact_text(double value);
/// Rounded to so many significant digits, without trailing zeros: "1234.5", "1e+20".
std::string number_text(double value, int digits = kStoredDigits);
/// For tables: about so many significant digits, never an exponent below 10^15: "15.72", "8397", "0.0123".
std::string short_text(double value, int digits = 4);
/// Rounded as it is stored.
double stored(double value);

}  // namespace am::forecast
