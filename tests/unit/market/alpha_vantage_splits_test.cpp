#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "am/market/alpha_vantage.hpp"
#include "support/error_of.hpp"
#include "support/scripted_http.hpp"

namespace am::market {
namespace {

using Kind = kernel::Verdict::Kind;
using std::chrono::milliseconds;
using test::ok;

std::string splits_fixture(const std::string& name) {
  std::ifstream file(AM_SOURCE_DIR "/tests/fixtures/vendors/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string one(const std::string& day, const std::string& factor) {
  return R"({"symbol":"KO","data":[{"effective_date":)" + day + R"(,"split_factor":)" + factor + "}]}";
}

std::string reason(const std::string& body, std::string_view symbol = "KO") {
  const auto parsed = parse_splits(body, symbol);
  return parsed ? "" : parsed.error().reason;
}

TEST(ParseSplits, ReadsAllOfThemByDay) {
  const auto splits = parse_splits(splits_fixture("alpha_vantage_splits_ko.json"), "KO");
  ASSERT_TRUE(splits);
  ASSERT_EQ(splits->size(), 3U);
  EXPECT_EQ(splits->front().day, Date(1996, 5, 13));
  EXPECT_EQ(splits->back().day, Date(2026, 10, 7));
  EXPECT_EQ(splits->back().ratio, Decimal(10));
  EXPECT_EQ(splits->back().symbol, "KO");
  EXPECT_EQ(splits->back().source, "alpha-vantage");
  EXPECT_TRUE(parse_splits(splits_fixture("alpha_vantage_splits_none.json"), "T")->empty());
  EXPECT_EQ(parse_splits(R"({"symbol":"BRK-B","data":[]})", "BRK.B")->size(), 0U);
}

TEST(ParseSplits, TakesBackTheVendorsRounding) {
  const auto ratio = [](const std::string& factor) {
    return parse_splits(one(R"("2026-10-07")", factor), "KO")->at(0).ratio;
  };
  EXPECT_EQ(ratio(R"("0.3333")"), Decimal(1) / Decimal(3));
  EXPECT_EQ(ratio(R"("0.0667")"), Decimal(1) / Decimal(15));
  EXPECT_EQ(ratio(R"("0.0286")"), Decimal(1) / Decimal(35));
  EXPECT_EQ(ratio(R"("1.3333")"), Decimal(4) / Decimal(3));
  EXPECT_EQ(ratio(R"("1.5000")"), Decimal::of("1.5"));
  EXPECT_EQ(ratio(R"("0.1000")"), Decimal::of("0.1"));
  EXPECT_EQ(ratio(R"("0.3000")"), Decimal::of("0.3"));
  EXPECT_EQ(ratio(R"("1.0460")"), Decimal::of("1.046")) << "of no small numbers";
  EXPECT_EQ(ratio(R"("0.33")"), Decimal::of("0.33")) << "not the vendor's form";
  EXPECT_EQ(ratio("20"), Decimal(20));
}

TEST(ParseSplits, LeavesOutAFactorThatCannotBeRight) {
  for (const char* factor : {R"("0.0000")", R"("-2")", R"("")", R"("2:1")", "null", "[2]", R"("nan")"}) {
    const auto splits = parse_splits(one(R"("2026-10-07")", factor), "KO");
    ASSERT_TRUE(splits) << factor;
    EXPECT_TRUE(splits->empty()) << factor;
  }
}

TEST(ParseSplits, RefusesWhatIsNoListOfThem) {
  EXPECT_EQ(reason("<html>"), "KO: the answer is not a JSON object");
  EXPECT_EQ(reason("[]"), "KO: the answer is not a JSON object");
  EXPECT_EQ(reason(""), "KO: the answer is not a JSON object");
  EXPECT_EQ(reason(R"({"symbol":"KO"})"), "KO: the answer has no \"data\"");
  EXPECT_EQ(reason(R"({"symbol":"KO","data":{}})"), "KO: the answer has no \"data\"");
  EXPECT_EQ(reason(R"({"symbol":"PEP","data":[]})"), "KO: the answer is for another symbol ('PEP')");
  EXPECT_EQ(reason(one(R"("7.10.2026")", R"("2")")), "KO: the day of a split is not a date ('7.10.2026')");
  EXPECT_EQ(reason(R"({"data":["x"]})"), "KO: the day of a split is not a date ('')");
  EXPECT_EQ(reason(R"({"data":[{"effective_date":"2026-10-07","split_factor":"2"},)"
                   R"({"effective_date":"2026-10-07","split_factor":"3"}]})"),
            "KO 2026-10-07: two splits");
}

TEST(JudgeSplits, TellsAnAnswerFromALimitAndARefusal) {
  const auto judge = [](const std::string& body, int status = 200) {
    return judge_alpha_vantage_splits({.status = status, .body = body}, Instant()).kind;
  };
  EXPECT_EQ(judge(splits_fixture("alpha_vantage_splits_ko.json")), Kind::accept);
  EXPECT_EQ(judge(splits_fixture("alpha_vantage_splits_none.json")), Kind::accept);
  EXPECT_EQ(judge(splits_fixture("alpha_vantage_note_minute.json")), Kind::limit);
  EXPECT_EQ(judge(splits_fixture("alpha_vantage_information_day.json")), Kind::limit);
  EXPECT_EQ(judge(splits_fixture("alpha_vantage_information_premium.json")), Kind::fail);
  EXPECT_EQ(judge(splits_fixture("alpha_vantage_error_key.json")), Kind::fail);
  EXPECT_EQ(judge("{}"), Kind::fail);
  EXPECT_EQ(judge("<html>"), Kind::retry);
  EXPECT_EQ(judge(splits_fixture("alpha_vantage_splits_ko.json"), 503), Kind::retry);
  EXPECT_EQ(judge("", 429), Kind::limit);
}

TEST(AlphaVantageSplits, AsksForTheFunction) {
  std::ostringstream lines;
  kernel::Log log{lines, {}};
  kernel::Stop stop;
  test::ScriptedHttp http;
  kernel::HttpClient client{http, nullptr, log, stop, {.vendor = "alpha-vantage"}};
  http.reply("GET", "https://av.example/query?function=SPLITS&symbol=BRK-B&apikey=K%2F1",
             ok(R"({"symbol":"BRK-B","data":[{"effective_date":"2010-01-21","split_factor":"50.0000"}]})"));
  AlphaVantage vendor(client, {.base_url = "https://av.example/", .api_key = "K/1"});
  EXPECT_TRUE(vendor.tells_splits());
  const auto splits = vendor.splits("BRK.B");
  ASSERT_EQ(splits.size(), 1U);
  EXPECT_EQ(splits[0].symbol, "BRK.B");
  http.reply("GET", "https://av.example/query?function=SPLITS&symbol=KO&apikey=K%2F1",
             ok(R"({"symbol":"PEP","data":[]})"));
  EXPECT_EQ(test::error_of([&] { vendor.splits("KO"); }).kind(), ErrorKind::data);
}

}  // namespace
}  // namespace am::market
