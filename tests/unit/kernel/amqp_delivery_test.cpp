#include "kernel/amqp_delivery.hpp"

#include <string>

#include <gtest/gtest.h>

namespace am::kernel {
namespace {

std::optional<std::string> body_is_the_key(std::string_view body) {
  if (body == "null") return std::nullopt;
  if (body == R"("nul")") return std::string("a\0b", 3);
  return std::string(body);
}

std::string named(const BrokerDelivery& delivery, bool has_keys = true) {
  const QueueSpec spec{
      .name = "items", .table = "work.items", .key_of = has_keys ? body_is_the_key : nullptr};
  const NamedRow row = named_row(spec, delivery);
  if (!row.foreign.empty()) return "foreign: " + row.foreign;
  return row.id > 0 ? "id " + std::to_string(row.id) : "key " + row.key;
}

TEST(AmqpDelivery, NamesItsRowByWhatOursCarryElseByItsBody) {
  EXPECT_EQ(named({.body = "{}", .queue = "items", .item = 7}), "id 7");
  EXPECT_EQ(named({.body = R"("k")"}), R"(key "k")");
  EXPECT_EQ(named({.body = R"("k")", .queue = "items"}), R"(key "k")");
  EXPECT_EQ(named({.body = R"("k")", .item = 7}), R"(key "k")") << "a number of whose table?";
}

TEST(AmqpDelivery, SaysWhyItIsNotOurs) {
  EXPECT_EQ(named({.body = ""}), "foreign: its body is not JSON");
  EXPECT_EQ(named({.body = "{", .queue = "items", .item = 7}), "foreign: its body is not JSON");
  EXPECT_EQ(named({.body = "\"\xff\"", .queue = "items", .item = 7}), "foreign: its body is not JSON");
  EXPECT_EQ(named({.body = std::string(kMostMessageBytes + 1, ' '), .queue = "items", .item = 7}),
            "foreign: its body is longer than 64 kB");
  EXPECT_EQ(named({.body = "{}", .queue = "prices", .item = 7}), "foreign: it is of queue 'prices'");
  EXPECT_EQ(named({.body = "{}", .queue = "items", .item = 0}), "foreign: it names no item");
  EXPECT_EQ(named({.body = "{}", .queue = "items", .item = -7}), "foreign: it names no item");
  EXPECT_EQ(named({.body = "null"}), "foreign: it names no item");
  EXPECT_EQ(named({.body = R"("k")"}, false), "foreign: it names no item");
  EXPECT_EQ(named({.body = R"("nul")"}), "foreign: the key in its body is no key");
  EXPECT_EQ(named({.body = "\"" + std::string(2000, 'k') + "\""}), "foreign: the key in its body is no key");
}

TEST(AmqpDelivery, ALongBodyIsStillOurs) {
  EXPECT_EQ(named({.body = "{}" + std::string(kMostMessageBytes - 2, ' '), .queue = "items", .item = 7}),
            "id 7");
}

}  // namespace
}  // namespace am::kernel
