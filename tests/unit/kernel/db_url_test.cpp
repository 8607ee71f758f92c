// What DATABASE_URL may look like: what libpq is given, what is left out, and what is refused, by which words. No word
// of a password is ever among them.

#include "kernel/db_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace am::kernel {
namespace {

using test::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kUrlCanary = "canary5417";

DbTarget target_of(const std::string& url) { return parse_target({.url = url, .probe = {}}); }

struct Refused {
  const char* url;
  const char* problem;
  const char* hint;
};

TEST(DbUrl, WhatIsWrongIsNamed) {
  const std::vector<Refused> cases = {
      {"\"postgresql://u:canary5417@h/x\"", "stands in quotes", "take the quotes away"},
      {"'postgresql://u:canary5417@h/x'", "stands in quotes", "take the quotes away"},
      {"postgresql://u:canary5417@h/x\"", "stands in quotes", "take the quotes away"},
      {"\xEF\xBB\xBFpostgresql://u:canary5417@h/x", "begins with a byte order mark", "without one"},
      {" postgresql://u:canary5417@h/x", "begins or ends with a blank", "take it away"},
      {"postgresql://u:canary5417@h/x ", "begins or ends with a blank", "take it away"},
      {"postgresql://u:canary5417@h/x\r", "begins or ends with a blank", "take it away"},
      {"postgresql://u:canary5417@h/x?sslmode =require", "there is a blank in it", "%20"},
      {"DATABASE_URL=postgresql://u:canary5417@h/x", "holds its own name", "the value alone"},
      {"postgresql+asyncpg://u:canary5417@h/x", "it begins with postgresql+asyncpg://", "postgresql://"},
      {"jdbc:postgresql://h/x?password=canary5417", "it begins with jdbc:postgresql://", "postgresql://"},
      {"mysql://u:canary5417@h/x", "it begins with mysql://", "postgresql://"},
      {"postgresql://u:canary5417@h/x?nosuch=canary5417", "unknown parameter nosuch", "take it out"},
      {"postgresql://u:canary5417@h/x?sslMode=require", "unknown parameter sslMode", "did you mean sslmode?"},
      {"postgresql://u:canary5417@h/x?aplication_name=am", "unknown parameter aplication_name",
       "did you mean application_name?"},
      {"postgresql://u:canary5417@h/x?schema=desk", "parameter schema asks for another place", "take it out"},
      {"postgresql://h/x?search_path=a,b", "parameter search_path asks for another place", "take it out"},
      {"postgresql://h/x?currentSchema=desk", "parameter currentSchema asks for another place",
       "take it out"},
      {"postgresql://h/x?x-migrations-table=t", "parameter x-migrations-table asks for another",
       "take it out"},
  };
  for (const Refused& c : cases) {
    const Error error = error_of([&] { target_of(c.url); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << c.url;
    EXPECT_THAT(error.message(), HasSubstr(std::string("DATABASE_URL: "))) << c.url;
    EXPECT_THAT(error.message(), HasSubstr(c.problem)) << c.url;
    EXPECT_THAT(error.hint(), HasSubstr(c.hint)) << c.url;
    EXPECT_THAT(error.message() + error.hint(), Not(HasSubstr(kUrlCanary))) << c.url;
  }
}

TEST(DbUrl, APieceOfAPasswordIsNotNamed) {
  for (const char* url :
       {"postgresql://u:pa/ss?canary5417=1@h/x", "postgresql://u@h/x?canary5417",
        "postgresql://u@h/x?password=a&canary5417=b", "postgresql://u:a?canary5417=b@h/x?nosuch=1",
        "postgresql://u@h/x?sslpassword=a&canary5417=b&pgbouncer=true", "host=h canary5417=1",
        "canary5417://h/x y", "postgresql://u:canary5417@h@x/y?pgbouncer=true"}) {
    const Error error = error_of([&] { target_of(url); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << url;
    if (std::string_view(url).starts_with("canary5417://")) continue;  // a scheme is no secret
    EXPECT_THAT(error.message() + error.hint(), Not(HasSubstr(kUrlCanary))) << url;
  }
}

TEST(DbUrl, WhatIsForOthersIsLeftOutAndTold) {
  const std::string url =
      "postgresql://u:p@h:6432/x?pgbouncer=true&sslmode=require&connection_limit=1&pool_timeout=20&schema=public&"
      "pool_max_conns=4&pool_mode=transaction&statement_cache_size=0&prepareThreshold=0&sslaccept=strict";
  EXPECT_THAT(ignored_url_parameters(url),
              ElementsAre("pgbouncer", "connection_limit", "pool_timeout", "schema", "pool_max_conns",
                          "pool_mode", "statement_cache_size", "prepareThreshold", "sslaccept"));
  EXPECT_THAT(target_of(url).conninfo, HasSubstr("sslmode='require'"));
  EXPECT_THAT(target_of(url).conninfo, Not(HasSubstr("pgbouncer")));
  EXPECT_EQ(target_of(url).where, "h:6432");
  EXPECT_THAT(ignored_url_parameters("postgresql://u@h/x?user=a&password=b&pgbouncer=true"),
              ElementsAre("pgbouncer"));
  for (const char* plain : {"postgresql://u:p@h/x?sslmode=require", "host=h user=u", "postgresql:///x", ""})
    EXPECT_THAT(ignored_url_parameters(plain), IsEmpty()) << plain;
}

TEST(DbUrl, LimitsAreAddedUnlessItSetsThem) {
  DbOptions options{
      .url = "postgresql://u@h/x", .connect_timeout = std::chrono::milliseconds(1500), .probe = {}};
  EXPECT_THAT(parse_target(options).conninfo,
              AllOf(HasSubstr("tcp_user_timeout='1500'"), HasSubstr("keepalives_idle='30'")));
  EXPECT_EQ(parse_target(options).connect_timeout, options.connect_timeout);
  options.url += "?tcp_user_timeout=7&keepalives_idle=8&connect_timeout=9";
  const DbTarget target = parse_target(options);
  EXPECT_THAT(target.conninfo, AllOf(HasSubstr("tcp_user_timeout='7'"), HasSubstr("keepalives_idle='8'"),
                                     Not(HasSubstr("'1500'"))));
  EXPECT_EQ(target.connect_timeout, std::chrono::seconds(9));
}

TEST(DbUrl, KnowsWhichHostsHaveToBeLookedUp) {
  EXPECT_FALSE(target_of("postgresql:///x?host=/run/postgresql").has_names);
  EXPECT_FALSE(target_of("postgresql://127.0.0.1,[::1]:5433/x").has_names);
  EXPECT_TRUE(target_of("postgresql://127.0.0.1,db.example/x").has_names);
  EXPECT_EQ(target_of("postgresql://127.0.0.1,db.example/x").hosts, 2U);
}

}  // namespace
}  // namespace am::kernel
