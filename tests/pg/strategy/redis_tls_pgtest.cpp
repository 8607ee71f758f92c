// Redis over TLS, where this build has it: the authority and the host's name are checked.

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "am/strategy/redis.hpp"
#include "am/strategy/stream.hpp"
#include "support/error_of.hpp"
#include "support/strategy/redis.hpp"

namespace am::strategy {
namespace {

/// A certificate for localhost, its own authority, in a directory that goes with it.
struct RedisCertificate {
  std::string directory, key, certificate;

  RedisCertificate() {
    char path[] = "/tmp/am-redis-tls.XXXXXX";
    directory = mkdtemp(path);
    key = directory + "/key.pem";
    certificate = directory + "/certificate.pem";
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout " +
        key + " -out " + certificate + " 2>/dev/null";
    if (std::system(make.c_str()) != 0) throw std::runtime_error("no certificate");
  }
  ~RedisCertificate() { std::filesystem::remove_all(directory); }
  RedisCertificate(const RedisCertificate&) = delete;
  RedisCertificate& operator=(const RedisCertificate&) = delete;
};

/// What OpenSSL takes for the system's authorities, as long as it lives.
class Authorities {
 public:
  explicit Authorities(const std::string& file) { setenv("SSL_CERT_FILE", file.c_str(), 1); }
  ~Authorities() { unsetenv("SSL_CERT_FILE"); }
  Authorities(const Authorities&) = delete;
  Authorities& operator=(const Authorities&) = delete;
};

TEST(RedisTls, ServesWhomItTrustsOrIsRefusedWhereItIsNotBuiltIn) {
  const RedisCertificate own;
  test::RedisServer server(test::RedisServer::programs().front(),
                           {"--tls-cert-file", own.certificate, "--tls-key-file", own.key,
                            "--tls-ca-cert-file", own.certificate, "--tls-auth-clients", "no"},
                           test::RedisServer::Port::tls);
  const std::string port = std::to_string(server.port());
  if (!redis_has_tls()) {
    const Error refused = test::error_of([&] { parse_redis_url("rediss://localhost:" + port); });
    EXPECT_EQ(refused.kind(), ErrorKind::config);
    EXPECT_NE(refused.message().find("TLS"), std::string::npos) << refused.message();
    return;
  }
  const auto ping = [&](const std::string& host) {
    Redis(parse_redis_url("rediss://" + host + ":" + port)).ping();
  };
  EXPECT_EQ(test::error_of([&] { ping("localhost"); }).kind(), ErrorKind::unavailable)
      << "nobody vouches for it";
  const Authorities trusted(own.certificate);
  ping("localhost");
  EXPECT_EQ(test::error_of([&] { ping("127.0.0.1"); }).kind(), ErrorKind::unavailable) << "a name of another";
  MarketStream stream({.url = "rediss://localhost:" + port});
  const SteadyTime until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto next = [&]() -> std::optional<Frame> {
    for (;;) {
      if (const auto frame = stream.next()) return frame;
      if (!stream.wait(until)) return std::nullopt;
    }
  };
  ASSERT_TRUE(next()) << stream.problem();
  Redis redis(parse_redis_url("rediss://localhost:" + port));
  for (int i = 0; i < 1000; ++i) redis.publish("market_data:AAPL", std::to_string(i));
  for (int i = 0; i < 1000; ++i) {
    const auto frame = next();
    ASSERT_TRUE(frame);
    ASSERT_EQ(frame->payload.text, std::to_string(i));
  }
}

}  // namespace
}  // namespace am::strategy
