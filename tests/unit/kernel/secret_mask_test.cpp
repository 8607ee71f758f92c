#include "am/kernel/secret_mask.hpp"

#include <gtest/gtest.h>

#include "cli/config_table.hpp"
#include "support/error_of.hpp"
#include "support/scripted_http.hpp"

namespace am::kernel {
namespace {

std::string masked(const std::vector<std::string>& secrets, const std::string& text) {
  return SecretMask(secrets)(text);
}

TEST(SecretMask, CutsASecretOutWhereverItStands) {
  EXPECT_EQ(masked({"sk-canary-1"}, "you sent sk-canary-1, sk-canary-1!"), "you sent ***, ***!");
  EXPECT_EQ(masked({"sk-canary-1"}, "sk-canary-1"), "***");
  EXPECT_EQ(masked({"sk-canary-1", "sk-canary-12"}, "sk-canary-12"), "***") << "the longer one";
  EXPECT_EQ(masked({"abcdefgh", "efghijkl"}, "-abcdefghijkl-"), "-***-") << "no end of an overlap is left";
  EXPECT_EQ(masked({"sk-canary-1"}, "nothing of it"), "nothing of it");
  EXPECT_EQ(masked({}, "nothing of it"), "nothing of it");
  EXPECT_EQ(masked({"********"}, "a ******** b"), "a *** b") << "no mask is masked again";
}

TEST(SecretMask, KnowsTheFormsInWhichASecretTravels) {
  const std::vector<std::string> secrets{"p/a\"s&s+w=1"};
  EXPECT_EQ(masked(secrets, "q=p%2Fa%22s%26s%2Bw%3D1;"), "q=***;");
  EXPECT_EQ(masked(secrets, "q=p%2fa%22s%26s%2bw%3d1;"), "q=***;");
  EXPECT_EQ(masked(secrets, R"({"x":"p/a\"s&s+w=1"})"), R"({"x":"***"})");
  EXPECT_EQ(masked(secrets, R"({"x":"p\/a\"s&s+w=1"})"), R"({"x":"***"})");
  EXPECT_EQ(masked(secrets, R"({"x":"p\u002Fa\u0022s\u0026s\u002bw\u003d1"})"), R"({"x":"***"})");
  EXPECT_EQ(masked(secrets, "<p>p/a&quot;s&amp;s+w=1</p>"), "<p>***</p>");
  EXPECT_EQ(masked(secrets, "<p>p&#x2F;a&#34;s&#38;s&#x2b;w=1</p>"), "<p>***</p>");
  EXPECT_EQ(masked({"two words", "100%25 sure"}, "q=two+words&r=two%20words&s=100%25 sure&t=100%2525+sure"),
            "q=***&r=***&s=***&t=***");
  EXPECT_EQ(masked({"abc&defgh"}, "abc&#; abc&#x26 abc&#38;defgh abc\\u0026 abc%2"),
            "abc&#; abc&#x26 *** abc\\u0026 abc%2")
      << "escapes that are none";
  EXPECT_EQ(masked({"user:password"}, "Basic dXNlcjpwYXNzd29yZA=="), "Basic ***==");
  EXPECT_EQ(masked({"abcdefgh"}, "YWJjZGVmZ2g="), "***=");
}

TEST(SecretMask, LeavesShortSecretsAndNumbersInPeace) {
  EXPECT_EQ(masked({"1234567", "am", ""}, "1234567 am"), "1234567 am") << "too short to be looked for";
  const std::vector<std::string> number{"12345678"};
  EXPECT_EQ(masked(number, R"({"created":1712345678,"close":"12345678.25","id":"x12345678"})"),
            R"({"created":1712345678,"close":"12345678.25","id":"x12345678"})");
  EXPECT_EQ(masked(number, "password 12345678, 12345678"), "password ***, ***");
  EXPECT_EQ(masked({"2026-01-26"}, R"("2026-01-26":{},"2026-01-260")"), R"("***":{},"2026-01-260")");
}

TEST(SecretMask, TakesLongBodiesInItsStride) {
  std::string body;
  for (int i = 0; i < 200000; ++i) body += "sk-canary-1 ";
  EXPECT_EQ(masked({"sk-canary-1"}, body).size(), 800000U);
}

Config config_with(std::map<std::string, std::string> env) {
  return Config::load(cli::config_table(),
                      {std::move(env), {}, {}, [](const std::string&) { return std::nullopt; }});
}

TEST(SecretsIn, AreTheSecretsAndWhatUrlsHold) {
  const std::vector<std::string> secrets = secrets_in(
      config_with({{"OPENAI_API_KEY", "sk-canary-1"},
                   {"DATABASE_URL",
                    "postgresql://am:p%40ssword1@db.example/am?host=/run/postgresql&sslpassword=keyfile-pw"},
                   {"AM_PING_DUE", "https://hc-ping.com/uuid-5417?token=querytoken"},
                   {"OPENAI_BASE_URL", "https://proxy:proxypass9@llm.example/v1"}}));
  const SecretMask mask(secrets);
  EXPECT_EQ(mask("sk-canary-1"), "***");
  EXPECT_EQ(mask("am p%40ssword1 p@ssword1 keyfile-pw"), "am *** *** ***");
  EXPECT_EQ(mask("/run/postgresql db.example"), "/run/postgresql db.example")
      << "what is no secret of a database";
  EXPECT_EQ(mask("not found: /uuid-5417/start?rid=1&token=querytoken"),
            "not found: /***/start?rid=1&token=***");
  EXPECT_EQ(mask("proxypass9 llm.example/v1/chat"), "*** llm.example/v1/chat");
  EXPECT_EQ(mask("Basic cHJveHk6cHJveHlwYXNzOQ"), "Basic ***");
}

TEST(SecretsIn, AreTokensInTheUsersPlace) {
  const SecretMask mask(secrets_in(config_with({{"OPENAI_BASE_URL", "https://token5417@llm.example/v1"},
                                                {"DATABASE_URL", "postgresql://am_writer@db.example/am"}})));
  EXPECT_EQ(mask("token5417 am_writer"), "*** am_writer") << "a database's user is no secret";
}

TEST(SecretsIn, AreFoundInAKeywordConnectionString) {
  const SecretMask mask(
      secrets_in(config_with({{"DATABASE_URL", "host=db password='two words' dbname=am"}})));
  EXPECT_EQ(mask("said 'two words'"), "said '***'");
  const SecretMask bare(secrets_in(config_with({{"DATABASE_URL", "password=oneword12 host=db"}})));
  EXPECT_EQ(bare("oneword12"), "***");
}

TEST(SecretsIn, AreTheKeysOfAServiceBus) {
  const SecretMask mask(secrets_in(config_with(
      {{"AZURE_SERVICE_BUS_CONNECTION_STRING",
        "Endpoint=sb://bus.example/;SharedAccessKeyName=worker-name; sharedaccesskey = kEy+5417/x=;EntityPath=q"}})));
  EXPECT_EQ(mask("kEy+5417/x= kEy%2B5417%2Fx%3D of worker-name at bus.example"),
            "*** *** of worker-name at bus.example");
  const SecretMask url(secrets_in(
      config_with({{"AZURE_SERVICE_BUS_CONNECTION_STRING", "amqps://worker:p%40ssword1@bus.example/q"}})));
  EXPECT_EQ(url("p@ssword1 p%40ssword1 bus.example"), "*** *** bus.example");
}

TEST(MaskingTransport, MasksBodyHeadersAndErrors) {
  test::ScriptedHttp inner;
  const auto transport = make_masking_transport(inner, SecretMask({"sk-canary-1"}));
  inner.reply("GET", "/a",
              {.status = 200, .headers = {{"x-sk-canary-1", "is sk-canary-1"}}, .body = "sk-canary-1"});
  const HttpResponse answer = transport->send({.url = "https://v.example/a"});
  EXPECT_EQ(answer.body, "***");
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0].first + "=" + answer.headers[0].second, "x-***=is ***");

  inner.fail("GET", "/b", Error(ErrorKind::unavailable, "lost sk-canary-1", "try sk-canary-1").final());
  const Error lost = test::error_of([&] { transport->send({.url = "https://v.example/b"}); });
  EXPECT_EQ(lost.kind(), ErrorKind::unavailable);
  EXPECT_EQ(lost.message() + "; " + lost.hint(), "lost ***; try ***");
  EXPECT_FALSE(lost.retryable()) << "what else the error says is kept";
}

}  // namespace
}  // namespace am::kernel
