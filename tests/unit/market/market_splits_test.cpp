// splits.csv beside the closes of a directory, and a market that says that it needs none.

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "am/market/market_dir.hpp"
#include "support/error_of.hpp"

namespace am::market {
namespace {

namespace fs = std::filesystem;

class SplitsOfADirectory : public testing::Test {
 protected:
  using Strings = std::vector<std::string>;
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "am-splits-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = fs::canonical(name);
  }
  void TearDown() override { fs::remove_all(dir_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  Error error_of_reading() const {
    return test::error_of([&] { CsvMarket(dir_).universe(); });
  }

  fs::path dir_;
};

TEST_F(SplitsOfADirectory, SplitsAreBesideTheClosesAndAreNone) {
  write("KO.csv", "Date,Close\n2026-10-06,102.4\n");
  write("Splits.csv",
        "note,Ratio,symbol,day\nreverse,1:10,ko,2026-10-07\n,1.5,BRK-B,2020-01-02\n,1,KO,2020-01-02\n");
  CsvMarket market(dir_);
  EXPECT_EQ(market.universe().symbols, Strings{"KO"});
  const std::vector<CorporateAction> splits = market.known_actions();
  ASSERT_EQ(splits.size(), 3U);
  EXPECT_EQ(splits[0].symbol, "KO");
  EXPECT_EQ(splits[0].day, Date(2026, 10, 7));
  EXPECT_EQ(splits[0].ratio, Decimal::of("0.1"));
  EXPECT_EQ(splits[0].source, market.source());
  EXPECT_EQ(splits[1].symbol, "BRK.B");
  EXPECT_EQ(market.adjustment(), Adjustment::none);
}

TEST_F(SplitsOfADirectory, SplitsThatCannotBeRightAreRefusedByTheirLine) {
  write("KO.csv", "Date,Close\n2026-10-06,102.4\n");
  const std::string at = path("splits.csv");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"symbol,day\nKO,2026-10-07\n",
       ":1: header is not of splits (expected symbol,day,ratio, got 'symbol,day')"},
      {"\nsymbol,day,ratio\nKO,7 October,10\n",
       ":3: day cannot be read (expected YYYY-MM-DD, got '7 October')"},
      {"symbol,day,ratio\nKO,2026-10-07,ten\n",
       ":2: ratio 'ten' is not a ratio (expected new shares for old ones, such as 10, 0.1 or 3:2)"},
      {"symbol,day,ratio\nKO,2026-10-07,0\n", ":2: ratio '0' cannot be right (expected 0.00001 to 100000)"},
      {"symbol,day,ratio\nKO,2026-10-07,2\nko,2026-10-07,3\n", ":3: KO 2026-10-07 appears twice"},
      {"symbol,day,ratio\n,2026-10-07,2\n",
       ":2: symbol cannot be right (expected 1 to 32 visible ASCII characters, got '')"},
      {"symbol,day,ratio\nKO,2026-10-07\n", ":2: "}};
  for (const auto& [text, problem] : cases) {
    write("splits.csv", text);
    const Error error = error_of_reading();
    EXPECT_EQ(error.kind(), ErrorKind::data) << text;
    EXPECT_EQ(error.message().substr(0, (at + problem).size()), at + problem) << text;
  }
}

TEST_F(SplitsOfADirectory, SplitsAloneAreNoMarket) {
  write("splits.csv", "symbol,day,ratio\n");
  EXPECT_EQ(error_of_reading().kind(), ErrorKind::no_input);
}

TEST_F(SplitsOfADirectory, AMarketSaysThatItIsAdjusted) {
  write("KO.csv", "Date,Close\n2026-10-06,102.4\n");
  write("market.toml", "adjusted = true\n");
  EXPECT_EQ(CsvMarket(dir_).adjustment(), Adjustment::whole);
  write("market.toml", "adjusted = false\n");
  EXPECT_EQ(CsvMarket(dir_).adjustment(), Adjustment::none);
  write("market.toml", "adjusted = \"yes\"\n");
  EXPECT_EQ(error_of_reading().message(), path("market.toml") + ":1:12: adjusted: expected true or false");
}

}  // namespace
}  // namespace am::market
