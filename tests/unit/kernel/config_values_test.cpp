// What a value may be.

#include <gtest/gtest.h>

#include "cli/config_table.hpp"
#include "unit/kernel/config_given.hpp"

namespace am::kernel {
namespace {

using test::Given;
using test::origin_of;

/// Whether the configuration loads with that variable; else it is refused and names it.
bool loads(std::string_view variable, const std::string& value) {
  Given given;
  given.env = {
      {"AM_LEASE_S", "86400"}, {"OPENAI_TIMEOUT_MS", "100"}, {"AM_HTTP_TIMEOUT_MS", "100"}};  // a pair fits
  given.env[std::string(variable)] = value;
  try {
    static_cast<void>(given.load());
    return true;
  } catch (const Error& error) {
    EXPECT_TRUE(error.message().starts_with(std::string(variable) + ": expected ")) << error.message();
    return false;
  }
}

TEST(ConfigValues, BothBoundsOfARangeAreWithinIt) {
  int ranges = 0;
  for (const ConfigKey& key : cli::config_table().keys()) {
    if (key.type != KeyType::integer && key.type != KeyType::decimal) continue;
    ++ranges;
    EXPECT_TRUE(loads(key.env, std::to_string(key.low))) << key.name;
    EXPECT_TRUE(loads(key.env, std::to_string(key.high))) << key.name;
    EXPECT_FALSE(loads(key.env, std::to_string(key.low - 1))) << key.name;
    EXPECT_FALSE(loads(key.env, std::to_string(key.high + 1))) << key.name;
    if (key.type != KeyType::decimal) continue;
    EXPECT_FALSE(loads(key.env, std::to_string(key.low - 1) + ".999")) << key.name;
    EXPECT_FALSE(loads(key.env, std::to_string(key.high) + ".001")) << key.name;
  }
  EXPECT_GT(ranges, 5);
}

TEST(ConfigValues, AFixedTextIsTakenInAnyCase) {
  const auto level = [](const std::string& value) {
    Given given;
    given.env = {{"LOG_LEVEL", value}};
    const Config config = given.load();
    EXPECT_EQ(origin_of(config, "log.level").shown, config.text("log.level"));
    return config.text("log.level");
  };
  for (const char* value : {"info", "INFO", "Info", "iNFO"}) EXPECT_EQ(level(value), "info") << value;
  for (const char* value : {"warn", "WARN", "warning", "WARNING", "Warning"})
    EXPECT_EQ(level(value), "warn") << value;
  for (const char* value : {"Error", "ERROR"}) EXPECT_EQ(level(value), "error") << value;
  EXPECT_EQ(level("Debug"), "debug");
  EXPECT_EQ(level("OFF"), "off");
  for (const char* value : {"informational", "warnings", "in fo", " info", "trace", "1"})
    EXPECT_FALSE(loads("LOG_LEVEL", value)) << value;
  Given given;
  given.file("[log]\nlevel = 'Warning'\nformat = 'JSON'\n[alpha_vantage]\nfunction = 'Quote'\n");
  EXPECT_EQ(given.load().text("log.level"), "warn");
  EXPECT_EQ(given.load().text("log.format"), "json");
  EXPECT_EQ(given.load().text("alpha_vantage.function"), "quote");
  given.flags = {{"log.level", "Error"}};
  EXPECT_EQ(given.load().text("log.level"), "error");
}

TEST(ConfigValues, AnEmptyCredentialHidesNothing) {
  Given given;
  given.env = {{"OPENAI_API_KEY", "from-env"}, {"CREDENTIALS_DIRECTORY", "/run/credentials/am"}};
  for (const char* empty : {"", "\n", " \r\n"}) {
    given.files = {{"/run/credentials/am/OPENAI_API_KEY", empty}};
    EXPECT_EQ(given.load().secret("openai.api_key"), "from-env");
    given.files["/run/credentials/am/openai_api_key"] = "from-systemd";
    EXPECT_EQ(given.load().secret("openai.api_key"), "from-systemd") << "its other name";
  }
}

TEST(ConfigValues, ATemperatureCanBeLeftOut) {
  Given given;
  given.env["OPENAI_TEMPERATURE"] = "none";
  EXPECT_EQ(given.load().text("openai.temperature"), "none");
  given.env["OPENAI_TEMPERATURE"] = "None";
  EXPECT_EQ(given.load().text("openai.temperature"), "none") << "in any case, as other words";
  given.env["OPENAI_TEMPERATURE"] = "off";
  EXPECT_EQ(given.message(),
            "OPENAI_TEMPERATURE: expected a decimal number from 0 to 2 or none, got \"off\"");
}

}  // namespace
}  // namespace am::kernel
