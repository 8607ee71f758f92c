#include "replies.hpp"

#include "answers.hpp"
#include "base_path.hpp"

namespace am::web {

namespace {

constexpr std::string_view kAllow = "Allow: GET, HEAD, OPTIONS\r\n";

}  // namespace

Replies::Replies(CorsOrigins cors, std::string base_path, const Router& router)
    : cors_(std::move(cors)), base_path_(std::move(base_path)), router_(router), policy_{!cors_.off()} {}

std::shared_ptr<const Body> Replies::body(const Document& document, bool kept) const {
  return std::make_shared<const Body>(document, kept, policy_);
}

std::shared_ptr<const Body> Replies::failure(const Route& route, int status, std::string_view message,
                                             std::string_view hint) const {
  return failure(route.is_page(), status, message, hint);
}

std::shared_ptr<const Body> Replies::failure(bool page, int status, std::string_view message,
                                             std::string_view hint) const {
  return body(
      placed(page ? error_page_document(status, message, router_, hint) : error_document(status, message)),
      false);
}

Document Replies::placed(Document document) const {
  if (document.content_type == kHtmlType || document.content_type == kAtomType)
    put_base_before_links(document.body, base_path_);
  return document;
}

void Replies::send(const Body& body, const Route& route, const kernel::ServerRequest& request,
                   kernel::Responder responder, std::string extra) const {
  kernel::ServerReply reply = body.reply(request);
  reply.route = route.path;
  reply.extra_headers = std::move(extra);
  finish(reply, request);
  responder.send(std::move(reply));
}

void Replies::options(const kernel::ServerRequest& request, kernel::Responder responder) const {
  kernel::ServerReply reply;
  reply.status = 204;
  reply.route = "OPTIONS";
  finish(reply, request);
  const bool allowed = !reply.extra_headers.empty();
  reply.extra_headers += kAllow;
  if (policy_.cors) reply.extra_headers += "Vary: Origin\r\n";
  if (allowed) {
    reply.extra_headers +=
        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Headers: Accept, Content-Type, "
        "If-None-Match, X-Request-Id\r\nAccess-Control-Max-Age: 600\r\n";
  }
  responder.send(std::move(reply));
}

void Replies::refuse(const kernel::ServerRequest& request, kernel::Responder responder, int status,
                     std::string_view message, const Route* route) const {
  const bool page =
      route != nullptr ? route->is_page() : request.accept.find("text/html") != std::string_view::npos;
  kernel::ServerReply reply = failure(page, status, message, {})->reply(request);
  reply.route = route != nullptr ? route->path : "none";
  if (status == 405) reply.extra_headers = kAllow;
  finish(reply, request);
  responder.send(std::move(reply));
}

void Replies::redirect(const kernel::ServerRequest& request, kernel::Responder responder,
                       const std::string& location) const {
  kernel::ServerReply reply;
  reply.status = 308;
  reply.route = "none";
  finish(reply, request);
  reply.extra_headers += "Location: " + base_path_ + location + "\r\nCache-Control: no-store\r\n";
  responder.send(std::move(reply));
}

kernel::ServerReply Replies::unread(int status, std::string_view message) const {
  kernel::ServerReply reply = failure(false, status, message, {})->reply({});
  reply.route = "none";
  finish(reply, {});
  return reply;
}

void Replies::finish(kernel::ServerReply& reply, const kernel::ServerRequest& request) const {
  if (reply.status == 503 || reply.status == 429) reply.extra_headers += "Retry-After: 1\r\n";
  const std::string_view allowed = cors_.allowed(request.origin);
  if (allowed.empty()) return;
  reply.extra_headers.append("Access-Control-Allow-Origin: ").append(allowed).append("\r\n");
  reply.extra_headers += "Access-Control-Expose-Headers: ETag, Age, X-Request-Id\r\n";
}

}  // namespace am::web
