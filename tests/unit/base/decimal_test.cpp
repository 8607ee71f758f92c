#include "am/base/decimal.hpp"

#include <climits>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "am/base/error.hpp"

namespace am {
namespace {

std::string power_of_ten(int power) { return "1" + std::string(static_cast<std::size_t>(power), '0'); }

Decimal return_pct(const Decimal& initial, const Decimal& current) {
  return (current - initial) / initial * Decimal(100);
}

// Thousands of results of Python's decimal module, text for text, trailing zeros included.
TEST(Decimal, AgreesWithPythonsDecimalDigitForDigit) {
  const std::map<std::string, std::function<Decimal(const Decimal&, const Decimal&)>> operations{
      {"add", [](const Decimal& a, const Decimal& b) { return a + b; }},
      {"sub", [](const Decimal& a, const Decimal& b) { return a - b; }},
      {"mul", [](const Decimal& a, const Decimal& b) { return a * b; }},
      {"div", [](const Decimal& a, const Decimal& b) { return a / b; }},
      {"ret", return_pct},
      {"parse", [](const Decimal& a, const Decimal&) { return a; }},
  };
  std::ifstream file(AM_SOURCE_DIR "/tests/fixtures/decimal_vectors.txt");
  ASSERT_TRUE(file) << "fixture is missing";
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::string op;
    std::string a;
    std::string b;
    std::string expected;
    std::istringstream(line) >> op >> a >> b >> expected;
    const auto x = Decimal::parse(a);
    const auto y = op == "parse" ? Decimal() : Decimal::parse(b);
    ASSERT_TRUE(x && y) << line;
    EXPECT_EQ(operations.at(op)(*x, *y).to_string(), expected) << line;
    ++checked;
  }
  EXPECT_GT(checked, 2000);
}

TEST(Decimal, KeepsTrailingZeros) {
  EXPECT_EQ(Decimal::of("1.10").to_string(), "1.10");
  EXPECT_EQ((Decimal::of("1.10") + Decimal::of("2.900")).to_string(), "4.000");
  EXPECT_EQ((Decimal::of("1.20") * Decimal::of("0.50")).to_string(), "0.6000");
  EXPECT_EQ((Decimal::of("2.40") / Decimal::of("2")).to_string(), "1.20");
  EXPECT_EQ((Decimal::of("1") / Decimal::of("8")).to_string(), "0.125");
}

TEST(Decimal, DividesToThirtyFourDigits) {
  EXPECT_EQ((Decimal(1) / Decimal(3)).to_string(), "0." + std::string(34, '3'));
  EXPECT_EQ((Decimal(2) / Decimal(3)).to_string(), "0." + std::string(33, '6') + "7");
}

TEST(Decimal, DivisionByZeroIsABug) {
  try {
    static_cast<void>(Decimal(1) / Decimal::of("0.00"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bug);
  }
}

TEST(Decimal, OverflowIsRejectedAsData) {
  const Decimal huge = Decimal::of("1e5999");
  const Decimal tiny = Decimal::of("1e-5999");
  for (const auto& work : {std::function<void()>([&] { static_cast<void>(huge * huge); }),
                           std::function<void()>([&] { static_cast<void>(tiny * tiny); }),
                           std::function<void()>([&] { static_cast<void>(huge / tiny); })}) {
    try {
      work();
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
    }
  }
  EXPECT_EQ((huge + tiny), huge);
}

TEST(DecimalParse, AcceptsPlainNumbersAndExponents) {
  EXPECT_EQ(Decimal::parse("1e-7")->to_string(), "0.0000001");
  EXPECT_EQ(Decimal::parse("-1.5E+3")->to_string(), "-1500");
  EXPECT_EQ(Decimal::parse(".5")->to_string(), "0.5");
  EXPECT_EQ(Decimal::parse("5.")->to_string(), "5");
  EXPECT_EQ(Decimal::parse("007.50")->to_string(), "7.50");
  EXPECT_EQ(Decimal::parse("-0.00")->to_string(), "0.00");
  EXPECT_EQ(Decimal::parse("0e5")->to_string(), "0");
}

TEST(DecimalParse, RefusesWhatIsNotExactlyANumber) {
  for (const char* text : {"",
                           "-",
                           ".",
                           "-.",
                           "+1",
                           " 1",
                           "1 ",
                           "1,000",
                           "1.2.3",
                           "nan",
                           "inf",
                           "0x10",
                           "1e",
                           "1e+",
                           "1e5.0",
                           "--1",
                           "1-",
                           "e5",
                           "1f",
                           "١",
                           "1e6001",
                           "1e-6001",
                           "1e99999999999999999999"}) {
    EXPECT_FALSE(Decimal::parse(text)) << text;
  }
  using namespace std::string_view_literals;
  EXPECT_FALSE(Decimal::parse("1\0"sv));
  EXPECT_FALSE(Decimal::parse(std::string(6036, '0')));
}

// The value and the text: what was written down is read back, at every exponent, whatever the coefficient.
TEST(DecimalParse, ReadsBackEverythingThatToStringGives) {
  const std::string nines(34, '9');
  const std::vector<std::string> ends{"0",   "1",        "-7", "5000000000000000000000000000000000",
                                      nines, "-" + nines};
  const auto reads_back = [](const Decimal& value) {
    const std::string text = value.to_string();
    const auto read = Decimal::parse(text);
    if (!read || *read != value || read->to_string() != text) ADD_FAILURE() << text;
  };
  for (int exponent = -6000; exponent <= 6000; ++exponent) {
    const bool at_an_end = std::abs(exponent) >= 5960 || std::abs(exponent) <= 40;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const bool turn = i == static_cast<std::size_t>(exponent + 6000) % ends.size();
      if (!at_an_end && !turn) continue;
      const auto value = Decimal::parse(ends[i] + "e" + std::to_string(exponent));
      ASSERT_TRUE(value) << ends[i] << "e" << exponent;
      reads_back(*value);
    }
  }
  reads_back(Decimal::of("1e3000") * Decimal::of("1e3000"));
  reads_back(Decimal::of("-1e-3000") * Decimal::of("1e-3000"));
  reads_back(Decimal(1) / Decimal::of("3e5960"));
  reads_back(Decimal::of("0e-6000"));
}

TEST(DecimalParse, EndsWhereArithmeticDoes) {
  EXPECT_TRUE(Decimal::parse("1e6000"));
  EXPECT_TRUE(Decimal::parse("-" + std::string(34, '9') + "e6000"));
  EXPECT_EQ(*Decimal::parse(std::string(35, '9') + "e5998"),
            Decimal::of("1" + std::string(33, '0') + "e6000"));
  EXPECT_EQ(*Decimal::parse(std::string(34, '9') + "4e5999"), Decimal::of(std::string(34, '9') + "e6000"));
  EXPECT_FALSE(Decimal::parse(std::string(35, '9') + "e5999"));  // rounded up it is 10^6034
  EXPECT_FALSE(Decimal::parse(std::string(35, '9') + "e6000"));
}

TEST(DecimalParse, OfNamesTheTextThatIsNoNumber) {
  try {
    static_cast<void>(Decimal::of("12o"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bug);
    EXPECT_NE(error.message().find("12o"), std::string::npos);
  }
}

TEST(Decimal, CountsDigitsAtEveryPowerOfTen) {
  // Both sides of each power: a wrong digit count would shift the sum or the rounding.
  for (int power = 1; power < Decimal::kDigits; ++power) {
    const Decimal round = Decimal::of(power_of_ten(power));
    const Decimal below = round - Decimal(1);
    EXPECT_EQ(below.to_string(), std::string(static_cast<std::size_t>(power), '9'));
    EXPECT_EQ((below + Decimal(1)).to_string(), power_of_ten(power));
    EXPECT_EQ((round * round / round).to_string().substr(0, 2), "10");
    EXPECT_LT(below, round);
  }
  const Decimal nines = Decimal::of(std::string(34, '9'));
  EXPECT_EQ((nines + Decimal(1)).to_string(), power_of_ten(34));
}

TEST(Decimal, ComparesByValueNotByForm) {
  EXPECT_EQ(Decimal::of("1.10"), Decimal::of("1.1"));
  EXPECT_EQ(Decimal::of("-0"), Decimal::of("0.000"));
  EXPECT_EQ(Decimal::of("1e3"), Decimal(1000));
  EXPECT_LT(Decimal::of("-2"), Decimal::of("-1"));
  EXPECT_LT(Decimal::of("-1"), Decimal(0));
  EXPECT_LT(Decimal::of("-1"), Decimal::of("0.001"));
  EXPECT_LT(Decimal::of("0.999"), Decimal(1));
  EXPECT_GT(Decimal::of("1e40"), Decimal::of("9999999999999999999999999999999999"));
  EXPECT_NE(Decimal::of("1.1"), Decimal::of("1.11"));
  EXPECT_GT(Decimal::of("1e-5990"), Decimal(0));
}

TEST(Decimal, HoldsEveryLongLong) {
  EXPECT_EQ(Decimal(LLONG_MIN).to_string(), std::to_string(LLONG_MIN));
  EXPECT_EQ(Decimal(LLONG_MAX).to_string(), std::to_string(LLONG_MAX));
  EXPECT_EQ(Decimal(-7).to_string(), "-7");
}

TEST(Decimal, ZeroHasNoSign) {
  EXPECT_EQ((-Decimal(0)).to_string(), "0");
  EXPECT_EQ((Decimal::of("-1.50") + Decimal::of("1.50")).to_string(), "0.00");
  EXPECT_EQ((Decimal(-5) * Decimal(0)).to_string(), "0");
  EXPECT_FALSE((-Decimal(0)).is_negative());
  EXPECT_EQ(Decimal::of("-3.5").abs(), Decimal::of("3.5"));
  EXPECT_TRUE(Decimal::of("-3.5").is_negative());
  EXPECT_TRUE(Decimal::of("3.5").is_positive());
}

TEST(DecimalToFixed, RoundsHalfToEven) {
  EXPECT_EQ(Decimal::of("2.345").to_fixed(2), "2.34");
  EXPECT_EQ(Decimal::of("2.355").to_fixed(2), "2.36");
  EXPECT_EQ(Decimal::of("2.3450000001").to_fixed(2), "2.35");
  EXPECT_EQ(Decimal::of("0.5").to_fixed(0), "0");
  EXPECT_EQ(Decimal::of("1.5").to_fixed(0), "2");
  EXPECT_EQ(Decimal::of("9.999").to_fixed(2), "10.00");
  EXPECT_EQ(Decimal::of("-9.999").to_fixed(2), "-10.00");
}

TEST(DecimalToFixed, PadsAndNeverPrintsMinusZero) {
  EXPECT_EQ(Decimal(3).to_fixed(2), "3.00");
  EXPECT_EQ(Decimal::of("1e3").to_fixed(1), "1000.0");
  EXPECT_EQ(Decimal::of("1e3").to_fixed(0), "1000");
  EXPECT_EQ(Decimal::of("0e3").to_fixed(2), "0.00");
  EXPECT_EQ(Decimal::of("1.5").to_fixed(4), "1.5000");
  EXPECT_EQ(Decimal::of("-0.001").to_fixed(2), "0.00");
  EXPECT_EQ(Decimal::of("-1e-90").to_fixed(2), "0.00");
  EXPECT_EQ(Decimal::of("0.09").to_fixed(1), "0.1");
  EXPECT_EQ(Decimal::of("0.009").to_fixed(1), "0.0");
}

// As a number it is what to_fixed says, to the digit.
TEST(DecimalRounded, IsWhatToFixedSays) {
  for (const char* text :
       {"0", "-0.001", "2.345", "2.355", "-9.999", "1e3", "0e3", "1.5", "0.009", "-1e-90", "1e40", "1e-40",
        "9999999999999999999999999999999999", "99999999999999999999999999999999.99",
        "1234567890123456789012345678901234e-20", "5e-3", "1e33", "0.9999999995", "25e-10"}) {
    for (const int places : {0, 1, 2, 9, 33, 40})
      EXPECT_EQ(Decimal::of(text).rounded(places).to_string(),
                Decimal::of(Decimal::of(text).to_fixed(places)).to_string())
          << text << " to " << places;
  }
  EXPECT_THROW((void)Decimal(1).rounded(-1), Error);
}

TEST(DecimalToDouble, IsTheNearestDouble) {
  EXPECT_EQ(Decimal::of("0.1").to_double(), 0.1);
  EXPECT_EQ(Decimal::of("-1234.5678").to_double(), -1234.5678);
  EXPECT_EQ(Decimal::of("3.141592653589793238462643383279503").to_double(),
            3.141592653589793238462643383279503);
  EXPECT_EQ(Decimal::of("9007199254740993").to_double(), 9007199254740992.0);
  EXPECT_EQ(Decimal::of("1e25").to_double(), 1e25);
  EXPECT_EQ(Decimal::of("1e-300").to_double(), 1e-300);
  EXPECT_EQ(Decimal::of("1e400").to_double(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Decimal::of("1e-400").to_double(), 0.0);
}

}  // namespace
}  // namespace am
