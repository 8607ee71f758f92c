// What the tests of the broker rely on when they meet Service Bus from C++; tests/servicebus/selftest has the rest.

#include "support/feed/servicebus.hpp"

#include <gtest/gtest.h>

namespace am::test {
namespace {

TEST(ServiceBus, ItsOwnClientSendsAndReceives) {
  const ServiceBus bus;
  EXPECT_NE(bus.connection_string().find("UseDevelopmentEmulator=true"), std::string::npos);
  EXPECT_EQ(bus.client({"send", "work-items", "2"}), std::vector<std::string>{R"({"sent":2})"});
  const auto messages = bus.client({"receive", "work-items", "2"});
  ASSERT_EQ(messages.size(), 2);
  EXPECT_NE(messages[1].find(R"("body":{"n":1})"), std::string::npos);
  EXPECT_THROW((void)bus.client({"no-such-word", "work-items"}), std::runtime_error);
}

}  // namespace
}  // namespace am::test
