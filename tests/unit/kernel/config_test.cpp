// Length: every rule of the configuration, over one stand-in for its sources.

#include "am/kernel/config.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "cli/config_table.hpp"
#include "unit/kernel/config_given.hpp"

namespace am::kernel {
namespace {

using test::Given;
using test::kCanary;
using test::origin_of;

TEST(ConfigKeys, AreWellFormed) {
  std::map<std::string_view, int> names;
  std::map<std::string_view, int> variables;
  for (const ConfigKey& key : cli::config_table().keys()) {
    EXPECT_EQ(++names[key.name], 1) << key.name;
    EXPECT_EQ(std::ranges::count(key.name, '.'), 1) << key.name;
    if (!key.env.empty()) {
      EXPECT_EQ(++variables[key.env], 1) << key.env;
    }
    EXPECT_FALSE(key.help.empty()) << key.name;
    if (key.type == KeyType::integer) {
      EXPECT_LT(key.low, key.high) << key.name;
    }
    if (key.type == KeyType::secret) {
      EXPECT_FALSE(key.env.empty()) << key.name << ": a secret's places are named after its variable";
      // An address may be a secret, since it can hold a password; the default has none.
      EXPECT_EQ(key.default_value.find('@'), std::string_view::npos) << key.name;
    }
  }
}

TEST(Config, HasADefaultForEveryKey) {
  const Given given;
  const Config config = given.load();
  EXPECT_EQ(config.text("openai.model"), "gpt-4o-mini");
  EXPECT_EQ(config.text("picks.picker"), "openai");
  EXPECT_EQ(config.integer("retry.attempts"), 3);
  EXPECT_EQ(config.text("openai.temperature"), "0.2");
  EXPECT_FALSE(config.is_set("picks.benchmark"));
  EXPECT_EQ(config.file(), "");
  EXPECT_TRUE(config.warnings().empty());
  EXPECT_EQ(config.origins().size(), cli::config_table().keys().size());
  for (const Config::Origin& origin : config.origins()) {
    EXPECT_EQ(origin.shown, origin.key->default_value);
    EXPECT_EQ(origin.origin, origin.key->default_value.empty() ? "unset" : "default") << origin.key->name;
  }
}

TEST(Config, TheVariablesOfTheEarlierServiceKeepTheirNamesAndDefaults) {
  const std::map<std::string_view, std::string_view> kept{{"DATABASE_URL", ""},
                                                          {"OPENAI_API_KEY", ""},
                                                          {"OPENAI_MODEL", "gpt-4o-mini"},
                                                          {"ALPHA_VANTAGE_API_KEY", ""},
                                                          {"LOG_LEVEL", "auto"}};
  for (const auto& [variable, value] : kept) {
    const auto keys = cli::config_table().keys();
    const auto found = std::ranges::find(keys, variable, &ConfigKey::env);
    ASSERT_NE(found, keys.end()) << variable;
    EXPECT_EQ(found->default_value, value);
  }
}

TEST(Config, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  Given given;
  given.file("[openai]\nmodel = \"from-file\"\n[retry]\nattempts = 7\n");
  Config config = given.load();
  EXPECT_EQ(config.file(), "/c.toml");
  EXPECT_EQ(config.text("openai.model"), "from-file");
  EXPECT_EQ(config.integer("retry.attempts"), 7);
  EXPECT_TRUE(origin_of(config, "openai.model").origin.starts_with("file /c.toml:2"))
      << origin_of(config, "openai.model").origin;
  given.env = {{"OPENAI_MODEL", "from-env"}, {"AM_RETRY_ATTEMPTS", "8"}};
  config = given.load();
  EXPECT_EQ(config.text("openai.model"), "from-env");
  EXPECT_EQ(config.integer("retry.attempts"), 8);
  EXPECT_EQ(origin_of(config, "openai.model").origin, "env OPENAI_MODEL");
  given.flags = {{"openai.model", "from-flag"}, {"retry.attempts", "9"}};
  config = given.load();
  EXPECT_EQ(config.text("openai.model"), "from-flag");
  EXPECT_EQ(config.integer("retry.attempts"), 9);
  EXPECT_EQ(origin_of(config, "retry.attempts").origin, "flag");
  EXPECT_EQ(origin_of(config, "retry.attempts").shown, "9");
}

TEST(Config, AnEmptyVariableIsNotSet) {
  Given given;
  given.env = {{"OPENAI_MODEL", ""},
               {"AM_RETRY_ATTEMPTS", ""},
               {"OPENAI_API_KEY", ""},
               {"OPENAI_API_KEY_FILE", ""},
               {"AM_CONFIG", ""}};
  const Config config = given.load();
  EXPECT_EQ(config.text("openai.model"), "gpt-4o-mini");
  EXPECT_EQ(config.integer("retry.attempts"), 3);
  EXPECT_EQ(origin_of(config, "openai.api_key").origin, "unset");
}

TEST(Config, LooksForItsFileInOrder) {
  Given given;
  given.files = {{"/flag.toml", "[openai]\nmodel = 'flag'"},
                 {"/env.toml", "[openai]\nmodel = 'env'"},
                 {"/xdg/am/am.toml", "[openai]\nmodel = 'xdg'"},
                 {"/home/u/.config/am/am.toml", "[openai]\nmodel = 'home'"},
                 {"/etc/am/am.toml", "[openai]\nmodel = 'etc'"}};
  given.config_flag = "/flag.toml";
  given.env = {{"AM_CONFIG", "/env.toml"}, {"XDG_CONFIG_HOME", "/xdg"}, {"HOME", "/home/u"}};
  EXPECT_EQ(given.load().text("openai.model"), "flag");
  given.config_flag.reset();
  EXPECT_EQ(given.load().text("openai.model"), "env");
  given.env.erase("AM_CONFIG");
  EXPECT_EQ(given.load().text("openai.model"), "xdg");
  given.env.erase("XDG_CONFIG_HOME");
  EXPECT_EQ(given.load().text("openai.model"), "home");
  EXPECT_EQ(given.load().file(), "/home/u/.config/am/am.toml");
  given.env.erase("HOME");
  EXPECT_EQ(given.load().text("openai.model"), "etc");
  given.env = {{"XDG_CONFIG_HOME", "/other"}, {"HOME", "/home/u"}};
  EXPECT_EQ(given.load().text("openai.model"), "etc")
      << "with XDG_CONFIG_HOME set, ~/.config is not looked at";
  given.files.clear();
  given.asked.clear();
  EXPECT_EQ(given.load().file(), "");
  EXPECT_EQ(given.asked, (std::vector<std::string>{"/other/am/am.toml", "/etc/am/am.toml"}));
}

TEST(Config, ANamedFileMustBeThere) {
  Given given;
  given.config_flag = "/none.toml";
  EXPECT_EQ(given.message(), "/none.toml: cannot read the configuration file");
  EXPECT_EQ(given.error().hint(), "check the path given to --config");
  given.config_flag.reset();
  given.env = {{"AM_CONFIG", "/none.toml"}};
  EXPECT_EQ(given.error().hint(), "check the path in AM_CONFIG");
}

TEST(Config, AnUnknownKeyIsRefusedWithItsPlaceAndTheNearestName) {
  Given given;
  Error error = given.file("[openai]\nmodel = 'x'\n  modle = 'x'\n").error();
  EXPECT_EQ(error.message(), "/c.toml:3:3: unknown key \"openai.modle\"");
  EXPECT_EQ(error.hint(), "did you mean \"openai.model\"?");
  error = given.file("[opnai]\nmodel = 'x'\n").error();
  EXPECT_TRUE(error.message().starts_with("/c.toml:1:")) << error.message();
  EXPECT_TRUE(error.message().ends_with(": unknown section \"opnai\""));
  EXPECT_EQ(error.hint(), "did you mean \"openai\"?");
  EXPECT_EQ(given.file("model = 'x'\n").message(), "/c.toml:1:1: unknown section \"model\"");
  EXPECT_EQ(given.file("openai = 'x'\n").message(),
            "/c.toml:1:1: openai: expected a section, as in [openai]");
  EXPECT_EQ(given.file("[openai.model]\nx = 1\n").message().find("/c.toml:1:"), 0U);
  EXPECT_EQ(given.file("[zzzzzzzzz]\n").error().hint(),
            "see the known ones: am config show --config /dev/null");
  EXPECT_EQ(given.file("[openai]\n\"a\\nb\\u001b\" = 'x'\n").message().find_first_of("\n\x1b"),
            std::string::npos);
}

TEST(Config, AFileThatIsThereButCannotBeReadIsNotPassedOver) {
  Given given;
  given.unreadable = "/etc/am/am.toml";
  EXPECT_EQ(given.message(), "/etc/am/am.toml: not for this user");
}

TEST(Config, WhatIsLeftOfARefusedOneCanBeHad) {
  Given given;
  given.file(
      "[alerts]\nemail_to = \"night@example.org\"\nemial = 1\n[nonsense]\na = 1\n[ledger]\nlease_s = \"x\"\n");
  given.env["AM_RETRY_ATTEMPTS"] = "many";
  given.env["OPENAI_MODEL"] = "other";
  std::optional<Error> refused;
  const Config config = given.load(&refused);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message(), given.message()) << "the first, as it would have been thrown";
  EXPECT_EQ(config.text("alerts.email_to"), "night@example.org");
  EXPECT_EQ(config.text("openai.model"), "other");
  EXPECT_EQ(config.integer("retry.attempts"), 3);
  EXPECT_EQ(config.integer("ledger.lease_s"), 120);
  std::optional<Error> none;
  static_cast<void>(Given().load(&none));
  EXPECT_FALSE(none);
}

TEST(Config, AMalformedFileIsRefusedWithItsPlace) {
  Given given;
  for (const char* text : {"[openai\n", "[openai]\nmodel = \n", "[openai]\nmodel = 'x'\nmodel = 'y'\n",
                           "[openai]\nmodel = \"\xff\"\n", "[openai]\nmodel = 'x\n", "\x01"}) {
    const std::string message = given.file(text).message();
    EXPECT_TRUE(message.starts_with("/c.toml:")) << message;
    EXPECT_TRUE(message.size() > 9 && message[8] >= '1' && message[8] <= '9') << message;
    EXPECT_FALSE(given.error().hint().empty());
  }
  given.file(std::string("[openai]\napi_key = '") + kCanary + "\n");
  EXPECT_EQ(given.message().find(kCanary), std::string::npos);
}

TEST(Config, AValueOfTheWrongTypeIsRefusedWithItsPlace) {
  Given given;
  EXPECT_EQ(given.file("[retry]\nattempts = '3'\n").message(),
            "/c.toml:2:12: retry.attempts: expected a whole number");
  EXPECT_EQ(given.file("[retry]\nattempts = 3.0\n").message(),
            "/c.toml:2:12: retry.attempts: expected a whole number");
  EXPECT_EQ(given.file("[openai]\nmodel = 4\n").message(), "/c.toml:2:9: openai.model: expected a text");
  EXPECT_EQ(given.file("[openai]\nmodel = ['a']\n").message(), "/c.toml:2:9: openai.model: expected a text");
  EXPECT_EQ(given.file("[openai]\ntemperature = 0.2\n").message(),
            "/c.toml:2:15: openai.temperature: expected a decimal number in quotes");
  EXPECT_EQ(given.file("[openai]\nbase_url = true\n").message(),
            "/c.toml:2:12: openai.base_url: expected an http or https URL");
  EXPECT_EQ(given.file("[openai]\napi_key = 5\n").message(), "/c.toml:2:11: openai.api_key: expected a text");
  EXPECT_EQ(given.file("[openai]\ntemperature = 1\n").load().text("openai.temperature"), "1");
}

TEST(Config, AValueOutsideItsRangeIsRefusedWithWhereItCameFrom) {
  Given given;
  EXPECT_EQ(given.file("[retry]\nattempts = 21\n").message(),
            "/c.toml:2:12: retry.attempts: expected a whole number from 1 to 20, got \"21\"");
  for (const char* bad :
       {"0", "21", "-1", "012", "3.0", " 3", "3 ", "three", "0x3", "99999999999999999999"}) {
    given = {};
    given.env = {{"AM_RETRY_ATTEMPTS", bad}};
    EXPECT_EQ(given.message(),
              "AM_RETRY_ATTEMPTS: expected a whole number from 1 to 20, got \"" + std::string(bad) + "\"");
    given.env.clear();
    given.flags = {{"retry.attempts", bad}};
    EXPECT_EQ(given.message(),
              "retry.attempts: expected a whole number from 1 to 20, got \"" + std::string(bad) + "\"");
  }
  for (const char* edge : {"1", "20"}) {
    given = {};
    given.env = {{"AM_RETRY_ATTEMPTS", edge}};
    EXPECT_EQ(given.load().integer("retry.attempts"), std::stoll(edge));
  }
}

TEST(Config, ValuesAreCheckedByTheirKind) {
  const auto refused = [](const char* variable, const std::string& value) {
    Given given;
    given.env = {{variable, value}};
    return given.message();
  };
  EXPECT_EQ(refused("LOG_LEVEL", "loud"),
            "LOG_LEVEL: expected one of auto, debug, info, warn, error, off, got \"loud\"");
  EXPECT_EQ(refused("OPENAI_BASE_URL", "ftp://x"),
            "OPENAI_BASE_URL: expected an http or https URL, got \"ftp://x\"");
  EXPECT_EQ(refused("OPENAI_TEMPERATURE", "warm"),
            "OPENAI_TEMPERATURE: expected a decimal number from 0 to 2 or none, got \"warm\"");
  EXPECT_EQ(refused("OPENAI_TEMPERATURE", "nan"),
            "OPENAI_TEMPERATURE: expected a decimal number from 0 to 2 or none, got \"nan\"");
  EXPECT_EQ(refused("OPENAI_MODEL", "a\nb"), "OPENAI_MODEL: it has a line break or a NUL");
  EXPECT_EQ(refused("OPENAI_MODEL", std::string("a\0b", 3)), "OPENAI_MODEL: it has a line break or a NUL");
  EXPECT_EQ(refused("OPENAI_MODEL", "\xff"), "OPENAI_MODEL: it is not UTF-8");
  EXPECT_EQ(refused("OPENAI_API_KEY", std::string(kCanary) + "\nx"),
            "OPENAI_API_KEY: it has a line break or a NUL");
  EXPECT_EQ(refused("OPENAI_API_KEY", std::string(kCanary) + "\xff"), "OPENAI_API_KEY: it is not UTF-8");
  EXPECT_LT(refused("LOG_LEVEL", std::string(100000, 'x')).size(), 300U);
  EXPECT_EQ(refused("LOG_LEVEL", "\x1b[31m").find('\x1b'), std::string::npos);
}

TEST(Config, ASecretIsLookedForInThreePlaces) {
  Given given;
  given.file("[openai]\napi_key = 'from-file'\n");
  EXPECT_EQ(given.load().secret("openai.api_key"), "from-file");
  given.env["OPENAI_API_KEY"] = "from-env";
  EXPECT_EQ(given.load().secret("openai.api_key"), "from-env");
  given.env["OPENAI_API_KEY_FILE"] = "/run/key";
  given.files["/run/key"] = "from-key-file\n";
  EXPECT_EQ(given.load().secret("openai.api_key"), "from-key-file") << "without its last line break";
  EXPECT_EQ(origin_of(given.load(), "openai.api_key").origin, "file /run/key");
  given.env["CREDENTIALS_DIRECTORY"] = "/run/credentials/am";
  EXPECT_EQ(given.load().secret("openai.api_key"), "from-key-file") << "systemd has no such credential";
  given.files["/run/credentials/am/openai_api_key"] = "from-systemd\r\n";
  EXPECT_EQ(given.load().secret("openai.api_key"), "from-systemd");
  given.files["/run/credentials/am/OPENAI_API_KEY"] = "from-systemd-too";
  EXPECT_EQ(given.load().secret("openai.api_key"), "from-systemd-too");
  EXPECT_EQ(origin_of(given.load(), "openai.api_key").origin, "credential OPENAI_API_KEY");
}

TEST(Config, ASecretsFileMustBeThere) {
  Given given;
  given.env = {{"DATABASE_URL_FILE", "/run/none"}, {"DATABASE_URL", kCanary}};
  EXPECT_EQ(given.message(), "DATABASE_URL_FILE: cannot read /run/none");
  EXPECT_FALSE(given.error().hint().empty());
}

TEST(Config, AMissingSecretIsAnErrorOnlyWhenItIsWanted) {
  Given given;
  const Config config = given.load();
  try {
    static_cast<void>(config.secret("openai.api_key"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(error.message(), "OPENAI_API_KEY: not set");
    EXPECT_EQ(error.hint(),
              "set OPENAI_API_KEY, or put it into a file and set OPENAI_API_KEY_FILE to its path");
  }
  EXPECT_FALSE(config.is_set("openai.api_key")) << "whether a secret is set is no secret";
  given.env = {{"OPENAI_API_KEY", kCanary}};
  EXPECT_TRUE(given.load().is_set("openai.api_key"));
}

TEST(Config, SecretsAreMaskedWhereTheyAreShown) {
  Given given;
  given.env = {{"OPENAI_API_KEY", kCanary}, {"DATABASE_URL_FILE", "/f"}};
  given.files["/f"] = std::string("postgresql://u:") + kCanary + "@h/d";
  given.file(std::string("[alpha_vantage]\napi_key = '") + kCanary + "'\n");
  const Config config = given.load();
  EXPECT_EQ(config.secret("alpha_vantage.api_key"), kCanary);
  int masked = 0;
  for (const Config::Origin& origin : config.origins()) {
    EXPECT_EQ((origin.shown + origin.origin).find(kCanary), std::string::npos);
    if (origin.key->type == KeyType::secret && origin.shown == "***") ++masked;
  }
  EXPECT_EQ(masked, 3);
}

TEST(Config, AskingForAKeyInTheWrongWayIsABug) {
  const Config config = Given{}.load();
  const auto kind_of = [](const auto& ask) {
    try {
      static_cast<void>(ask());
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::usage;
  };
  EXPECT_EQ(kind_of([&] { return config.text("openai.api_key"); }), ErrorKind::bug)
      << "a secret never comes out as a text";
  EXPECT_EQ(kind_of([&] { return config.secret("openai.model"); }), ErrorKind::bug);
  EXPECT_EQ(kind_of([&] { return config.text("openai.modle"); }), ErrorKind::bug);
  EXPECT_EQ(kind_of([&] { return config.is_set("openai.modle"); }), ErrorKind::bug);
  EXPECT_EQ(kind_of([&] { return config.integer("openai.model"); }), ErrorKind::bug);
}

TEST(Config, HatchetVariablesAreAcceptedWithOneWarning) {
  Given given;
  given.env = {{"HATCHET_CLIENT_TOKEN", kCanary},
               {"HATCHET_CLIENT_HOST_PORT", "x:1"},
               {"HATCHET_WORKER_NAME", "w"},
               {"HATCHETS", "1"}};
  const auto warnings = given.load().warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("HATCHET_"), std::string::npos);
  EXPECT_EQ(warnings[0].find(kCanary), std::string::npos);
  given.env = {{"HATCHETS", "1"}, {"MY_HATCHET_", "1"}};
  EXPECT_TRUE(given.load().warnings().empty());
}

}  // namespace
}  // namespace am::kernel
