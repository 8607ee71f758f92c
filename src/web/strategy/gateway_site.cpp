#include "gateway_site.hpp"

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/kernel/db_pool.hpp"
#include "am/strategy/signal_post.hpp"
#include "gateway_metrics.hpp"

namespace am::web {

using kernel::Responder;
using kernel::ServerReply;
using kernel::ServerRequest;
using strategy::gateway_error;
using strategy::GatewayAnswer;

namespace {

constexpr std::string_view kExecute = "/internal/execute";
constexpr std::string_view kHealth = "/health";
constexpr std::string_view kMetrics = "/metrics";

const std::shared_ptr<const std::string>& json_headers() {
  static const auto kHeaders = std::make_shared<const std::string>(
      "Content-Type: application/json; charset=utf-8\r\nCache-Control: no-store\r\n");
  return kHeaders;
}

/// Takes as long whatever is different: hashes are compared, and all of their digits.
bool same_secret(std::string_view given, std::string_view secret) {
  const std::string a = sha256_hex(given);
  const std::string b = sha256_hex(secret);
  unsigned different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different |= static_cast<unsigned char>(a[i] ^ b[i]);
  return different == 0;
}

std::string_view bearer_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() || to_lower(authorization.substr(0, kScheme.size())) != kScheme)
    return {};
  return trim(authorization.substr(kScheme.size()));
}

ServerReply reply_of(const GatewayAnswer& answer, std::string_view route) {
  ServerReply reply;
  reply.status = answer.status;
  reply.headers = json_headers();
  reply.body = std::make_shared<const std::string>(answer.body);
  reply.route = route;
  if (answer.retry_after)
    reply.extra_headers = "Retry-After: " + std::to_string(answer.retry_after->count()) + "\r\n";
  return reply;
}

}  // namespace

struct GatewaySite::Impl {
  GatewaySiteOptions options;
  strategy::Gateway& gateway;
  kernel::DbPool pool;

  Impl(GatewaySiteOptions given, strategy::Gateway& of)
      : options(std::move(given)), gateway(of), pool(options.db, options.threads, options.max_waiting) {}

  void refuse(Responder responder, int status, std::string_view code, std::string_view message,
              std::string_view route, std::string extra = {}) {
    ServerReply reply = reply_of(gateway_error(status, code, message), route);
    reply.extra_headers += extra;
    responder.send(std::move(reply));
  }

  /// Runs it on a thread with a connection; there it must not throw.
  template <class Work>
  void later(Responder responder, std::string_view route, Work work) {
    const auto kept = std::make_shared<Responder>(std::move(responder));
    const bool taken = pool.submit([kept, work = std::move(work)](kernel::Db& db) { kept->send(work(db)); });
    if (!taken) refuse(std::move(*kept), 503, "unavailable", "too many requests wait; send it again", route);
  }

  void execute(const ServerRequest& request, Responder responder);
  void health(Responder responder);
  void metrics(Responder responder);
};

void GatewaySite::Impl::execute(const ServerRequest& request, Responder responder) {
  if (request.method != "POST")
    return refuse(std::move(responder), 405, "method_not_allowed", "signals are posted", kExecute,
                  "Allow: POST\r\n");
  if (!same_secret(bearer_of(request.authorization), options.token))
    return refuse(std::move(responder), 401, "unauthorized", "a bearer token is needed (gateway.token)",
                  kExecute, "WWW-Authenticate: Bearer\r\n");
  auto post = strategy::parse_signal_post(request.body);
  if (!post) return refuse(std::move(responder), 422, "invalid", post.error().reason, kExecute);
  later(std::move(responder), kExecute, [this, signal = std::move(*post)](kernel::Db& db) {
    return reply_of(gateway.execute(db, signal), kExecute);
  });
}

void GatewaySite::Impl::health(Responder responder) {
  later(std::move(responder), kHealth, [this](kernel::Db& db) {
    try {
      db.query("SELECT 1 FROM trading.orders LIMIT 1");
      const std::string body = R"({"status":"ok","broker":")" + gateway.label() + "\"}\n";
      return reply_of({.status = 200, .body = body}, kHealth);
    } catch (const Error&) {
      return reply_of(gateway_error(503, "unavailable", "the database does not answer"), kHealth);
    }
  });
}

void GatewaySite::Impl::metrics(Responder responder) {
  later(std::move(responder), kMetrics, [this](kernel::Db& db) {
    ServerReply reply;
    reply.headers =
        std::make_shared<const std::string>("Content-Type: " + std::string(kernel::kMetricsType) + "\r\n");
    reply.body = std::make_shared<const std::string>(
        gateway_metrics(db, gateway.label(), options.stats ? options.stats() : kernel::ServerStats{}));
    reply.route = kMetrics;
    return reply;
  });
}

GatewaySite::GatewaySite(GatewaySiteOptions options, strategy::Gateway& gateway)
    : impl_(std::make_unique<Impl>(std::move(options), gateway)) {}

GatewaySite::~GatewaySite() = default;

void GatewaySite::handle(const ServerRequest& request, Responder responder) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  if (path == kExecute) return impl_->execute(request, std::move(responder));
  const bool known = path == kHealth || path == kMetrics;
  if (!known) return impl_->refuse(std::move(responder), 404, "not_found", "no such path", "none");
  if (request.method != "GET" && request.method != "HEAD")
    return impl_->refuse(std::move(responder), 405, "method_not_allowed", "it is only read",
                         path == kHealth ? kHealth : kMetrics, "Allow: GET, HEAD\r\n");
  path == kHealth ? impl_->health(std::move(responder)) : impl_->metrics(std::move(responder));
}

ServerReply GatewaySite::error_page(int status, std::string_view message) {
  const std::string_view code = status == 413   ? "payload_too_large"
                                : status == 429 ? "too_many_requests"
                                : status == 503 ? "unavailable"
                                : status == 500 ? "internal"
                                                : "bad_request";
  return reply_of(gateway_error(status, code, message), "none");
}

}  // namespace am::web
