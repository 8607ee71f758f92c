#include "am/feed/stone.hpp"

#include <gtest/gtest.h>

#include "feed/escapes.hpp"

using am::Decimal;
using am::Result;
using am::feed::map_stone;
using am::feed::Stone;
using am::feed::StoneType;
using am::feed::without_unstorable_escapes;

namespace {

std::string item(const std::string& certificate, const std::string& price = "123456") {
  return R"({"id":"offer-1","price":)" + price +
         R"(,"discount":"-32.5","diamond":{"id":"stone-1","certificate":)" + certificate + "}}";
}

std::string reason_of(const std::string& payload) {
  const Result<Stone> stone = map_stone(payload);
  return stone ? "none" : stone.error().reason;
}

}  // namespace

TEST(MapStone, TypesWhatAPayloadSays) {
  const Result<Stone> stone = map_stone(item(
      R"({"lab":"GIA","certNumber":"2141438171","shape":"ROUND","carats":"1.01","color":"D","clarity":"VS1","cut":"EX",)"
      R"("polish":"EX","symmetry":"VG","floInt":"NON","length":"6.41","width":6.44,"depth":"3.97","depthPercentage":"61.8",)"
      R"("table":57,"labgrown":false})"));
  ASSERT_TRUE(stone) << stone.error().reason;
  EXPECT_EQ(stone->type, StoneType::natural);
  EXPECT_EQ(stone->feed_price.to_string(), "1234.56");
  EXPECT_EQ(stone->discount->to_string(), "-32.500");
  EXPECT_EQ(stone->carats->to_string(), "1.0100");
  EXPECT_EQ(stone->width_mm->to_string(), "6.440");
  EXPECT_EQ(stone->table_percent->to_string(), "57.000");
  EXPECT_EQ(stone->certificate_number, "2141438171");
  EXPECT_EQ(stone->fluorescence, "NON");
}

TEST(MapStone, LabGrownIsLabWhateverItsColour) {
  EXPECT_EQ(map_stone(item(R"({"labgrown":true,"f_color":"PINK"})"))->type, StoneType::lab);
  EXPECT_EQ(map_stone(item(R"({"labgrown":false,"f_color":"PINK"})"))->type, StoneType::fancy);
  EXPECT_EQ(map_stone(item(R"({"color":"Fancy Vivid Yellow"})"))->type, StoneType::fancy);
  EXPECT_EQ(map_stone(item(R"({"color":"D","f_color":null})"))->type, StoneType::natural);
}

TEST(MapStone, APriceIsWholeCentsAboveZero) {
  for (const char* price : {"null", "0", "-5", "12.5", "\"\"", "\"12,00\"", "[1]", "1e300", "true"})
    EXPECT_NE(reason_of(item("{}", price)).find("price: expected whole cents above 0"), std::string::npos)
        << price;
  EXPECT_EQ(map_stone(item("{}", "\"99\""))->feed_price.to_string(), "0.99");
  EXPECT_EQ(map_stone(item("{}", "1.2e3"))->feed_price.to_string(), "12.00");
  EXPECT_EQ(map_stone(item("{}", "100.0"))->feed_price.to_string(), "1.00");
}

TEST(MapStone, WhatIsNoMeasureIsNotThereButAWeightHasToBe) {
  const Result<Stone> stone =
      map_stone(item(R"({"length":"-","width":"6,4","depth":-1,"table":"1e300","shape":"  ","cut":{}})"));
  ASSERT_TRUE(stone);
  EXPECT_FALSE(stone->length_mm || stone->width_mm || stone->depth_mm || stone->table_percent ||
               stone->shape || stone->cut);
  for (const char* carats : {"\"-1\"", "0", "\"heavy\"", "1e9"})
    EXPECT_NE(reason_of(item("{\"carats\":" + std::string(carats) + "}")).find("carats: expected a weight"),
              std::string::npos)
        << carats;
}

TEST(MapStone, RefusesWhatIsNoStone) {
  for (const char* payload : {"", "{", "[]", "12", R"({"price":100,"diamond":{)", "{\"a\":\"\xff\"}"})
    EXPECT_EQ(reason_of(payload).rfind("payload: ", 0), 0U) << payload << reason_of(payload);
  EXPECT_EQ(reason_of(R"({"price":100,"diamond":null})"), "diamond.certificate: is not there");
  EXPECT_EQ(reason_of(item("null")), "diamond.certificate: is not there");
}

TEST(MapStone, WhatNoTextCanHoldIsReplaced) {
  const Result<Stone> stone =
      map_stone(item(R"({"shape":"R\u0000D","cut":"\ud83d","lab":"\ud83d\udc8e","color":"\\u0000"})"));
  ASSERT_TRUE(stone) << stone.error().reason;
  EXPECT_EQ(stone->shape,
            "R\xEF\xBF\xBD"
            "D");
  EXPECT_EQ(stone->cut, "\xEF\xBF\xBD");
  EXPECT_EQ(stone->lab, "\xF0\x9F\x92\x8E");
  EXPECT_EQ(stone->color, "\\u0000");
}

TEST(Escapes, OnlyWhatCannotBeStoredIsReplaced) {
  EXPECT_EQ(without_unstorable_escapes(R"("\u0000\ud800\udc00\udc00\ud800\ud800\\u0000\")"),
            R"("\ufffd\ud800\udc00\ufffd\ufffd\ufffd\\u0000\")");
  EXPECT_EQ(without_unstorable_escapes(R"(\u00)"), R"(\u00)");
  EXPECT_EQ(without_unstorable_escapes("\\"), "\\");
}
