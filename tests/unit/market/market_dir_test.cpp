#include "am/market/market_dir.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "am/base/error.hpp"

namespace am::market {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr DateRange kAnyDay{Date(1990, 1, 1), Date(2100, 12, 31)};

class CsvMarketTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "am-market-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = fs::canonical(name);
  }
  void TearDown() override { fs::remove_all(dir_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  /// The error of the first question that is asked of everything; "" when there is none.
  Error error_of_reading() const {
    try {
      CsvMarket market(dir_);
      for (const std::string& symbol : market.universe().symbols) market.fetch(symbol, kAnyDay);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::bug, "no error"};
  }
  void expect_data_error(const std::string& message) const {
    const Error error = error_of_reading();
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.message(), message);
  }

  fs::path dir_;
};

std::string text_of(const Series& series) {
  std::string text;
  for (const Close& close : series.closes)
    text += close.day.to_string() + "=" + close.close.to_string() + " ";
  return text;
}

TEST_F(CsvMarketTest, ReadsAWideFile) {
  write("closes.csv", "date,AA,axp\n2000-01-03,40.50,\n2000-01-04,,33\n2000-01-05,41,34.1\n");
  CsvMarket market(dir_);
  EXPECT_EQ(text_of(market.fetch("AA", kAnyDay)), "2000-01-03=40.50 2000-01-05=41 ");
  EXPECT_EQ(text_of(market.fetch("AXP", kAnyDay)), "2000-01-04=33 2000-01-05=34.1 ");
  EXPECT_FALSE(market.fetch("AA", kAnyDay).reaches_back_to);
}

TEST_F(CsvMarketTest, ReadsOneFilePerSymbol) {
  write("brk.b.csv", "Volume,Date,Open,Close,Adj Close\r\n5,2000-01-03,1,40.50,2\r\n6,2000-01-04,1,41,2\r\n");
  write("SPY.CSV", "date,close\n2000-01-03,145\n");
  CsvMarket market(dir_);
  EXPECT_EQ(market.universe().symbols, (Strings{"BRK.B", "SPY"}));
  EXPECT_EQ(text_of(market.fetch("BRK.B", kAnyDay)), "2000-01-03=40.50 2000-01-04=41 ");
  EXPECT_EQ(text_of(market.fetch("SPY", kAnyDay)), "2000-01-03=145 ");
}

TEST_F(CsvMarketTest, CutsTheRangeAtBothEnds) {
  write("a.csv", "date,close\n2000-01-03,1\n2000-01-04,2\n2000-01-05,3\n2000-01-06,4\n");
  CsvMarket market(dir_);
  EXPECT_EQ(text_of(market.fetch("A", {Date(2000, 1, 4), Date(2000, 1, 5)})), "2000-01-04=2 2000-01-05=3 ");
  EXPECT_EQ(text_of(market.fetch("A", {Date(2000, 1, 7), Date(2000, 1, 9)})), "");
  EXPECT_EQ(text_of(market.fetch("A", {Date(2000, 1, 5), Date(2000, 1, 4)})), "");
}

TEST_F(CsvMarketTest, SeriesFindsExactlyTheDay) {
  write("a.csv", "date,close\n2000-01-03,1\n2000-01-05,3\n");
  const Series series = CsvMarket(dir_).fetch("A", kAnyDay);
  ASSERT_NE(series.find(Date(2000, 1, 5)), nullptr);
  EXPECT_EQ(*series.find(Date(2000, 1, 5)), Decimal(3));
  EXPECT_EQ(series.find(Date(2000, 1, 4)), nullptr);
  EXPECT_EQ(series.find(Date(2000, 1, 6)), nullptr);
}

TEST_F(CsvMarketTest, WithoutAManifestTheUniverseIsEverySymbolAsOfTheLastDay) {
  write("wide.csv", "date,B,A\n2000-01-03,1,1\n2000-01-04,1,\n");
  write("c.csv", "date,close\n2000-01-07,1\n");
  CsvMarket market(dir_);
  EXPECT_EQ(market.benchmark(), std::nullopt);
  EXPECT_EQ(market.name(), dir_.filename().string());
  EXPECT_EQ(market.universe().symbols, (Strings{"A", "B", "C"}));
  EXPECT_EQ(market.universe().as_of, Date(2000, 1, 7));
}

TEST_F(CsvMarketTest, ManifestNamesBenchmarkAndUniverse) {
  write("wide.csv", "date,SPX,AA,AXP,T\n2000-01-03,1,2,3,4\n");
  write("market.toml",
        "name = 'Dow 1999'\nbenchmark = 'SPX'\n[universe]\nname = 'two'\nas_of = 1998-12-31\nsymbols = ['T', "
        "'AA']\n");
  CsvMarket market(dir_);
  EXPECT_EQ(market.name(), "Dow 1999");
  EXPECT_EQ(market.benchmark(), "SPX");
  EXPECT_EQ(market.universe().name, "two");
  EXPECT_EQ(market.universe().as_of, Date(1998, 12, 31));
  EXPECT_EQ(market.universe().symbols, (Strings{"T", "AA"}));
}

TEST_F(CsvMarketTest, DefaultUniverseLeavesOutTheBenchmark) {
  write("wide.csv", "date,SPX,AA\n2000-01-03,1,2\n");
  write("market.toml", "benchmark = 'SPX'\n[universe]\nas_of = '1999-12-31'\n");
  CsvMarket market(dir_);
  EXPECT_EQ(market.universe().symbols, Strings{"AA"});
  EXPECT_EQ(market.universe().as_of, Date(1999, 12, 31));
}

TEST_F(CsvMarketTest, SourceIsTheCanonicalPath) {
  write("a.csv", "date,close\n2000-01-03,1\n");
  EXPECT_EQ(CsvMarket(dir_ / "." / ".." / dir_.filename()).source(), "csv:" + dir_.string());
  EXPECT_TRUE(CsvMarket(dir_).local());
}

TEST_F(CsvMarketTest, ReadsARowOnlyWhenItsFileIsAskedFor) {
  write("a.csv", "date,close\n2000-01-03,1\n");
  write("b.csv", "date,close\nnot a day,1\n");
  CsvMarket market(dir_);
  EXPECT_EQ(text_of(market.fetch("A", kAnyDay)), "2000-01-03=1 ");
  EXPECT_THROW(market.fetch("B", kAnyDay), Error);
  EXPECT_THROW(market.fetch("B", kAnyDay), Error) << "a second question must not see half a file";
}

TEST_F(CsvMarketTest, AnswersSeveralThreads) {
  write("wide.csv", "date,A,B\n2000-01-03,1,2\n");
  write("c.csv", "date,close\n2000-01-04,3\n");
  CsvMarket market(dir_);
  std::vector<std::string> answers(9);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    threads.emplace_back([&, i] {
      answers[i] = text_of(market.fetch(std::string(1, static_cast<char>('A' + i % 3)), kAnyDay)) +
                   market.universe().as_of.value().to_string();
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < answers.size(); i += 3) {
    EXPECT_EQ(answers[i], "2000-01-03=1 2000-01-04");
    EXPECT_EQ(answers[i + 1], "2000-01-03=2 2000-01-04");
    EXPECT_EQ(answers[i + 2], "2000-01-04=3 2000-01-04");
  }
}

TEST_F(CsvMarketTest, UnknownSymbolIsDataWithTheNearestName) {
  write("wide.csv", "date,MSFT,INTC\n2000-01-03,1,2\n");
  CsvMarket market(dir_);
  try {
    market.fetch("MSTF", kAnyDay);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.message(), "csv:" + dir_.string() + ": unknown symbol 'MSTF'");
    EXPECT_EQ(error.hint(), "did you mean 'MSFT'?");
  }
}

TEST_F(CsvMarketTest, MissingDirectoryOrFilesAreNoInput) {
  const auto kind_of = [](const fs::path& directory) {
    try {
      CsvMarket(directory).benchmark();
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::bug;
  };
  EXPECT_EQ(kind_of(dir_ / "none"), ErrorKind::no_input);
  EXPECT_EQ(kind_of(""), ErrorKind::no_input);
  write("README.md", "no prices here");
  EXPECT_EQ(kind_of(dir_), ErrorKind::no_input);
  EXPECT_EQ(kind_of(dir_ / "README.md"), ErrorKind::no_input);
}

struct BadFile {
  std::string_view text;
  std::string_view problem;  ///< what follows the path
};

TEST_F(CsvMarketTest, ACloseThatCannotBeRightSpoilsItsOwnDayOnly) {
  write(
      "x.csv",
      "date,A,B\n2000-01-03,1,1\n2000-01-04,0,2\n2000-01-05,-1,3\n2000-01-06,nan,4\n2000-01-07,\" \n\",5\n");
  CsvMarket market(dir_);
  const Series a = market.fetch("A", kAnyDay);
  EXPECT_EQ(text_of(a), "2000-01-03=1 ");
  ASSERT_EQ(a.refused.size(), 4U);
  EXPECT_EQ(a.refused.at(Date(2000, 1, 4)), path("x.csv") + ":3: close '0' is not above zero");
  EXPECT_EQ(a.refused.at(Date(2000, 1, 7)), path("x.csv") + ":6: close '  ' is not a number");
  EXPECT_TRUE(market.fetch("A", {Date(2000, 1, 3), Date(2000, 1, 3)}).refused.empty());
  EXPECT_EQ(market.fetch("B", kAnyDay).closes.size(), 5U);
}

// Wide and long files, both ends of the range: nothing that is stored later could not be read back.
TEST_F(CsvMarketTest, ACloseOutOfRangeIsRefusedInEitherLayout) {
  const std::string wide[] = {"1e-99", "1e-400", "1e400", "10000000.01", "0.0000009", "10000000"};
  std::string rows;
  for (std::size_t i = 0; i < std::size(wide); ++i)
    rows += "2000-01-0" + std::to_string(i + 3) + "," + wide[i] + "\n";
  write("wide.csv", "date,A\n" + rows);
  write("B.csv", "date,close\n" + rows);
  CsvMarket market(dir_);
  for (const char* symbol : {"A", "B"}) {
    const Series series = market.fetch(symbol, kAnyDay);
    EXPECT_EQ(text_of(series), "2000-01-08=10000000 ");
    EXPECT_EQ(series.refused.size(), 5U);
  }
  EXPECT_EQ(market.fetch("A", kAnyDay).refused.at(Date(2000, 1, 5)),
            path("wide.csv") + ":4: close '1e400' cannot be right (expected 0.000001 to 10000000)");
}

TEST_F(CsvMarketTest, KnowsAShareByAnySpellingOfItsClass) {
  write("BRK-B.csv", "date,close\n2000-01-03,60\n");
  write("x.csv", "date,BF/B\n2000-01-03,30\n");
  write("market.toml", "[universe]\nsymbols = [\"BRK.B\", \"bf-b\"]\n");
  CsvMarket market(dir_);
  for (const char* symbol : {"BRK.B", "BRK-B", "brk/b"})
    EXPECT_EQ(text_of(market.fetch(symbol, kAnyDay)), "2000-01-03=60 ") << symbol;
  EXPECT_EQ(market.universe().symbols, (std::vector<std::string>{"BRK.B", "BF.B"}));
  write("BRK.B.csv", "date,close\n2000-01-03,61\n");
  try {
    CsvMarket(dir_).fetch("BRK.B", kAnyDay);
    ADD_FAILURE() << "the share is in two files";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("symbol BRK.B appears twice (it is also in BRK-B.csv)"), std::string::npos)
        << error.message();
  }
}

TEST_F(CsvMarketTest, RefusesABadFileWithItsLine) {
  using namespace std::string_view_literals;
  const BadFile kBad[] = {
      {"date,A\n2000-01-04,1\n2000-01-03,1\n",
       ":3: days are not ascending (expected one after 2000-01-04, got 2000-01-03)"},
      {"date,A\n2000-01-04,1\n\n2000-01-04,1\n", ":4: day 2000-01-04 appears twice"},
      {"date,A\n01/04/2000,1\n", ":2: day cannot be read (expected YYYY-MM-DD, got '01/04/2000')"},
      {"date,A\n2000-01-04\n", ":2: expected 2 fields, got 1"},
      {"date,A\n2000-01-04,\"1\n", ":2: quoted field is never closed"},
      {"date,A\n2000-01-04,1\0\n"sv, ":2: NUL byte (expected text)"},
      {"date,A\n2000-01-03,1\n2000-01-04,\xFF\n", ":3: text is not UTF-8"},
      {"date,A,a\n", ":1: symbol A appears twice"},
      {"\ndate,A B\n", ":2: symbol cannot be right (expected 1 to 32 visible ASCII characters, got 'A B')"},
      {"date\n",
       ":1: header fits no layout (expected 'date' and then one column per symbol, or 'date' and 'close', "
       "got 'date')"},
      {"day,close\n",
       ":1: header fits no layout (expected 'date' and then one column per symbol, or 'date' and "
       "'close', got 'day,close')"},
      {"", ":1: no header"},
  };
  for (const BadFile& bad : kBad) {
    write("x.csv", bad.text);
    expect_data_error(path("x.csv") + std::string(bad.problem));
  }
}

TEST_F(CsvMarketTest, RefusesASymbolInTwoFiles) {
  write("a.csv", "date,close\n2000-01-03,1\n");
  write("wide.csv", "date,B,A\n2000-01-03,1,1\n");
  expect_data_error(path("wide.csv") + ":1: symbol A appears twice (it is also in a.csv)");
}

TEST_F(CsvMarketTest, RefusesAHugeFile) {
  write("a.csv", "date,close\n2000-01-03,1\n");
  fs::resize_file(dir_ / "a.csv", (std::uintmax_t{64} << 20U) + 1);  // sparse: costs no disk
  expect_data_error(path("a.csv") + ":1: file is too large (expected at most 64 MiB, got 67108865 bytes)");
}

TEST_F(CsvMarketTest, RefusesABadManifestWithItsPlace) {
  write("wide.csv", "date,SPX,AA\n2000-01-03,1,2\n");
  const BadFile kBad[] = {
      {"benchmrak = 'SPX'\n",
       ":1:1: unknown key 'benchmrak' (expected one of name, benchmark, adjusted, universe)"},
      {"[universe]\nsymbol = ['AA']\n", ":2:1: unknown key 'symbol' (expected one of name, as_of, symbols)"},
      {"benchmark = 5\n", ":1:13: benchmark: expected a string that is not empty"},
      {"name = ''\n", ":1:8: name: expected a string that is not empty"},
      {"benchmark = 'SPY'\n", ":1:13: benchmark: no CSV file has the symbol 'SPY'"},
      {"universe = 3\n", ":1:12: universe: expected a table"},
      {"[universe]\nsymbols = []\n", ":2:11: universe.symbols: expected a list of at least one symbol"},
      {"[universe]\nsymbols = ['AA', 'AA']\n", ":2:18: universe.symbols: 'AA' appears twice"},
      {"[universe]\nsymbols = ['AA', 'IBM']\n", ":2:18: universe.symbols: no CSV file has the symbol 'IBM'"},
      {"[universe]\nas_of = '1998'\n", ":2:9: universe.as_of: expected a date such as 1998-12-31"},
  };
  for (const BadFile& bad : kBad) {
    write("market.toml", bad.text);
    expect_data_error(path("market.toml") + std::string(bad.problem));
  }
  write("market.toml", "benchmrak = 'SPX'\n");
  EXPECT_EQ(error_of_reading().hint(), "did you mean 'benchmark'?");
  write("market.toml", "name = \n");
  EXPECT_EQ(error_of_reading().kind(), ErrorKind::data);
  EXPECT_TRUE(error_of_reading().message().starts_with(path("market.toml") + ":1:"));
}

TEST(BundledMarket, HasThirtyStocksAndTheIndexForTwoYears) {
  CsvMarket market(AM_SOURCE_DIR "/examples/market");
  std::vector<std::string> symbols = market.universe().symbols;
  EXPECT_EQ(symbols.size(), 30U);
  ASSERT_EQ(market.benchmark(), "SPX");
  symbols.push_back("SPX");
  for (const std::string& symbol : symbols) {
    EXPECT_EQ(market.fetch(symbol, {Date(1999, 1, 1), Date(1999, 12, 31)}).closes.size(), 252U) << symbol;
    EXPECT_EQ(market.fetch(symbol, {Date(2000, 1, 1), Date(2000, 12, 31)}).closes.size(), 252U) << symbol;
  }
}

std::string twenty_names() {
  std::string list;
  for (char c = 'A'; c <= 'T'; ++c) list += std::string(list.empty() ? "" : ", ") + "\"X" + c + "\"";
  return list;
}

TEST_F(CsvMarketTest, AUniverseOfItsOwnFile) {
  write("universe.toml",
        "[universe]\nname = \"Twenty\"\nas_of = 2026-01-02\nsymbols = [" + twenty_names() + ", \"brk-b\"]\n");
  const Universe universe = read_universe(dir_ / "universe.toml");
  EXPECT_EQ(universe.name, "Twenty");
  EXPECT_EQ(universe.as_of, Date(2026, 1, 2));
  EXPECT_EQ(universe.symbols.size(), 21U);
  EXPECT_EQ(universe.symbols.back(), "BRK.B");
  EXPECT_EQ(universe.sha256.size(), 64U);
}

TEST_F(CsvMarketTest, AUniverseFileThatCannotServeIsRefused) {
  const auto refused = [&](const std::string& text) {
    write("universe.toml", text);
    try {
      read_universe(dir_ / "universe.toml");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return error.message();
    }
    return std::string("no error");
  };
  const std::string file = path("universe.toml");
  EXPECT_EQ(refused("[universe]\nas_of = 2026-01-02\nsymbols = [\"A\"]\n"),
            file + ": universe.symbols: expected 20 to 600 symbols, got 1");
  EXPECT_EQ(refused(""), file + ": universe.symbols: expected 20 to 600 symbols, got 0");
  EXPECT_EQ(refused("[universe]\nsymbols = [" + twenty_names() + "]\n"),
            file + ": universe.as_of: not given (expected a date such as 1998-12-31)");
  EXPECT_EQ(refused("[universe]\nas_of = 2026-01-02\nsymbols = [" + twenty_names() + ", \"A B\"]\n"),
            file + ":3:132: universe.symbols: not a symbol (expected 1 to 32 visible ASCII characters)");
  fs::remove(dir_ / "universe.toml");
  EXPECT_THROW(read_universe(dir_ / "universe.toml"), Error);
}

}  // namespace
}  // namespace am::market
