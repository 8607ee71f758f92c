#include <string>

#include <gtest/gtest.h>

#include "am/base/error.hpp"
#include "am/kernel/broker.hpp"
#include "support/error_of.hpp"

namespace am::kernel {
namespace {

std::string told(const BrokerTarget& target) {
  return target.where() + (target.tls ? ", tls" : "") + ", " + target.user + ":" + target.password;
}

TEST(BrokerTarget, IsWhatAConnectionStringOfServiceBusSays) {
  EXPECT_EQ(told(parse_broker_target("Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;"
                                     "SharedAccessKey=a+b/c=;EntityPath=stones")),
            "ns.servicebus.windows.net:5671, queue stones, tls, Root:a+b/c=");
  EXPECT_EQ(told(parse_broker_target(" endpoint=SB://h ; sharedaccesskeyname=n;SHAREDACCESSKEY=k; ")),
            "h:5671, queue work-items, tls, n:k");
  EXPECT_EQ(told(parse_broker_target("Endpoint=sb://localhost:6000;SharedAccessKeyName=n;SharedAccessKey=k;"
                                     "UseDevelopmentEmulator=true;")),
            "localhost:6000, queue work-items, n:k");
  EXPECT_EQ(told(parse_broker_target("Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k;"
                                     "UseDevelopmentEmulator=True")),
            "localhost:5672, queue work-items, n:k");
  EXPECT_EQ(told(parse_broker_target("Endpoint=sb://[::1]:7/;SharedAccessKeyName=n;SharedAccessKey=k;"
                                     "UseDevelopmentEmulator=false")),
            "[::1]:7, queue work-items, tls, n:k");
}

TEST(BrokerTarget, IsWhatAUrlSays) {
  EXPECT_EQ(told(parse_broker_target("amqp://guest:p%40ss%2fw%3a@broker:1234/my%20queue")),
            "broker:1234, queue my queue, guest:p@ss/w:");
  EXPECT_EQ(told(parse_broker_target("amqps://u:p:q@[fe80::1]/x")), "[fe80::1]:5671, queue x, tls, u:p:q");
  EXPECT_EQ(told(parse_broker_target("amqp://broker")), "broker:5672, queue work-items, :");
  EXPECT_EQ(told(parse_broker_target("amqp://u@broker/")), "broker:5672, queue work-items, u:");
}

TEST(BrokerTarget, WhatIsWrongIsToldAndTheTextIsNot) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "not set"},
      {" ", "not set"},
      {"canary", "a part of it is no name=value"},
      {"https://canary/", "a part of it is no name=value"},
      {"Endpoint=http://canary/;SharedAccessKeyName=canary;SharedAccessKey=canary",
       "no Endpoint=sb://host/ in it"},
      {"SharedAccessKeyName=canary;SharedAccessKey=canary", "no Endpoint=sb://host/ in it"},
      {"Endpoint=sb:///;SharedAccessKeyName=canary;SharedAccessKey=canary", "no host in it"},
      {"Endpoint=sb://a/canary;SharedAccessKeyName=n;SharedAccessKey=k", "no host in it"},
      {"Endpoint=sb://a:canary;SharedAccessKeyName=n;SharedAccessKey=k", "no port after the host's name"},
      {"Endpoint=sb://a:0;SharedAccessKeyName=n;SharedAccessKey=k", "no port after the host's name"},
      {"Endpoint=sb://a/;SharedAccessKey=canary", "no SharedAccessKeyName in it"},
      {"Endpoint=sb://a/;SharedAccessKeyName=canary", "no SharedAccessKey in it"},
      {"Endpoint=sb://a/;SharedAccessSignature=canary",
       "a SharedAccessSignature can't be used: it ends after a while"},
      {"Endpoint=sb://a/;SharedAccessKeyName=n;SharedAccessKey=k;canary=1", "a part of it is not known"},
      {"Endpoint=sb://a/;SharedAccessKeyName=n;SharedAccessKey=k;SharedAccessKey=canary",
       "a part of it is there twice"},
      {"Endpoint=sb://a/;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=canary",
       "UseDevelopmentEmulator is neither true nor false"},
      {"Endpoint=sb://a/;SharedAccessKeyName=n;SharedAccessKey=ca\nnary",
       "it holds characters that are no text"},
      {"amqp://", "no host in it"},
      {"amqp://canary:canary@/q", "no host in it"},
      {"amqp://u:can/ary@host/q", "no port after the host's name"},
      {"amqp://u:ca%nary@host/q", "the password is not what a URL can hold"},
      {"amqp://u:ca%00nary@host/q", "the password is not what a URL can hold"},
      {"amqp://host:70000/q", "no port after the host's name"},
      {"amqp://[::1/q", "no host in it"},
      {"amqp://[::1]canary/q", "no port after the host's name"},
      {"amqps://u:canary@host/q?x=1", "it has parameters, which are not known here"},
  };
  for (const auto& [text, problem] : wrong) {
    const Error error = test::error_of([&] { parse_broker_target(text); });
    EXPECT_EQ(error.kind(), ErrorKind::config) << text;
    EXPECT_EQ(error.message(), "amqp.connection_string: " + std::string(problem)) << text;
    EXPECT_EQ((error.message() + error.hint()).find("canary"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace am::kernel
