// URLs in the configuration: what a base URL may be, and that no password of one is shown.

#include <map>

#include <gtest/gtest.h>

#include "am/kernel/config.hpp"
#include "cli/config_table.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

Config config_with(std::map<std::string, std::string> env) {
  return Config::load(cli::config_table(),
                      {std::move(env), {}, {}, [](const std::string&) { return std::nullopt; }});
}

TEST(ConfigUrl, IsABaseUrlAndNothingElse) {
  const auto refused = [](const std::string& url) {
    return test::error_of([&] { config_with({{"OPENAI_BASE_URL", url}}); });
  };
  const std::map<std::string, std::pair<std::string, std::string>> bad{
      {"llm.example/v1",
       {"an http or https URL, got \"llm.example/v1\"", "such as https://api.openai.com/v1"}},
      {"https://llm.example/v1?api-version=canary-secret-value",
       {"a base URL without a query or fragment, got \"https://llm.example/v1?…\"",
        "such as https://llm.example/v1"}},
      {"https://llm.example/v1#x",
       {"a base URL without a query or fragment, got \"https://llm.example/v1#x\"",
        "such as https://llm.example/v1"}},
      {" https://llm.example/v1",
       {"an http or https URL, got \" https://llm.example/v1\"", "such as https://llm.example/v1"}},
      {"https://llm.example/v 1",
       {"a URL without blanks, got \"https://llm.example/v 1\"", "such as https://api.openai.com/v1"}},
      {"https://llm.example/v1/chat/completions/",
       {"a base URL, to which /chat/completions is added, got \"https://llm.example/v1/chat/completions/\"",
        "such as https://llm.example/v1"}},
      {"https:///v1", {"a URL with a host, got \"https:///v1\"", "such as https://api.openai.com/v1"}},
      {"https://llm.example:/v1",
       {"a URL with a host, got \"https://llm.example:/v1\"", "such as https://api.openai.com/v1"}},
      {"https://am:canary-secret-value@llm.example/v1#x",
       {"a base URL without a query or fragment, got \"https://***@llm.example/v1#x\"",
        "such as https://***@llm.example/v1"}},
      {"https://am:canary/secret-value@llm.example/v1",
       {"a URL with a host, got \"https://***@llm.example/v1\"", "such as https://api.openai.com/v1"}}};
  for (const auto& [url, told] : bad) {
    const Error error = refused(url);
    EXPECT_EQ(error.message(), "OPENAI_BASE_URL: expected " + told.first);
    EXPECT_EQ(error.hint(), told.second) << url;
  }
  for (const char* good :
       {"https://llm.example/v1/", "http://127.0.0.1:11434/v1", "http://[::1]:8080", "http://[::1]",
        "https://am:word@llm.example/v1", "https://llm.example/chat/completions/v1"}) {
    EXPECT_EQ(config_with({{"OPENAI_BASE_URL", good}}).text("openai.base_url"), good);
  }
}

TEST(ConfigUrl, OfEachVendorIsWithoutItsEndpoint) {
  for (const auto& [variable, url] :
       std::map<std::string, std::string>{{"ALPHA_VANTAGE_BASE_URL", "https://a.example/query"},
                                          {"STOOQ_BASE_URL", "https://a.example/q/d/l/"},
                                          {"RESEND_BASE_URL", "https://a.example/emails"}}) {
    EXPECT_EQ(test::error_of([&] { config_with({{variable, url}}); }).hint(), "such as https://a.example")
        << variable;
  }
}

TEST(ConfigUrl, ShowsNoPasswordOfAnyUrl) {
  const Config config =
      config_with({{"OPENAI_BASE_URL", "https://am:canary-secret-value@llm.example/v1"},
                   {"CORS_ALLOW_ORIGINS", "https://x:canary-secret-value@a.example,https://b.example/p@th"},
                   {"AM_PRICES", "csv:/data/a@b"}});
  std::map<std::string_view, std::string> shown;
  for (const Config::Origin& origin : config.origins()) shown[origin.key->name] = origin.shown;
  EXPECT_EQ(shown["openai.base_url"], "https://***@llm.example/v1");
  EXPECT_EQ(shown["server.cors_allow_origins"], "https://***@a.example,https://b.example/p@th");
  EXPECT_EQ(shown["picks.prices"], "csv:/data/a@b");
  EXPECT_EQ(config.text("openai.base_url"), "https://am:canary-secret-value@llm.example/v1");
}

}  // namespace
}  // namespace am::kernel
