#include "web/json_write.hpp"

#include <gtest/gtest.h>

namespace am::web {
namespace {

std::string stored(std::string_view json) {
  std::string out;
  append_stored(out, json);
  return out;
}

TEST(AppendStored, LosesItsSpacesButThoseOfItsTexts) {
  EXPECT_EQ(stored(R"({"a": 1, "b": [true, null]})"), R"({"a":1,"b":[true,null]})");
  EXPECT_EQ(stored(R"({"a b": "c, d: e"})"), R"({"a b":"c, d: e"})");
  EXPECT_EQ(stored(R"({"a": "\\", "b": 1})"), R"({"a":"\\","b":1})")
      << "the backslash is escaped, the quote is not";
  EXPECT_EQ(stored(R"({"a": "\\\" b", "c": 1})"), R"({"a":"\\\" b","c":1})");
  EXPECT_EQ(stored(R"({"a": "<b> & c"})"), R"({"a":"\u003cb\u003e \u0026 c"})");
}

}  // namespace
}  // namespace am::web
