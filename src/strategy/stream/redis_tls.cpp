// TLS is in a library of its own, from hiredis 1.0 on. It checks no name, so the connection is made here by OpenSSL itself.

#include "redis_connection.hpp"

#ifdef AM_REDIS_TLS

#include <mutex>

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "am/base/text.hpp"

namespace am::strategy {

namespace {

Error no_tls(const std::string& why) {
  return {
      ErrorKind::unavailable, "tls: " + to_lower(one_line(why, 200)),
      "the server's certificate has to be of an authority that this machine trusts, and of the host in redis.url"};
}

std::string last_problem() {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return text;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

bool redis_has_tls() { return true; }

void start_redis_tls(redisContext& context, const std::string& host) {
  static std::once_flag once;
  std::call_once(once, [] { redisInitOpenSSL(); });
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings(SSL_CTX_new(TLS_client_method()),
                                                                   SSL_CTX_free);
  if (!settings || SSL_CTX_set_default_verify_paths(settings.get()) != 1) throw no_tls(last_problem());
  SSL_CTX_set_verify(settings.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(settings.get(), TLS1_2_VERSION);
  SSL* const tls = SSL_new(settings.get());  // the connection's, whatever becomes of it
  if (tls == nullptr) throw no_tls(last_problem());
  const bool is_named =
      is_address(host)
          ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1
          : SSL_set1_host(tls, host.c_str()) == 1 && SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
  if (!is_named) {
    SSL_free(tls);
    throw no_tls(last_problem());
  }
  if (redisInitiateSSL(&context, tls) == REDIS_OK) return;
  const long verdict = SSL_get_verify_result(tls);
  throw no_tls(verdict == X509_V_OK ? context.errstr : X509_verify_cert_error_string(verdict));
}

}  // namespace am::strategy

#else

namespace am::strategy {

bool redis_has_tls() { return false; }

void start_redis_tls(redisContext&, const std::string&) {
  throw Error(ErrorKind::config, "tls: this program was built without it for Redis");
}

}  // namespace am::strategy

#endif
