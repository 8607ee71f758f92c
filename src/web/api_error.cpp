// Errors in the API's envelope.

#include "answers.hpp"
#include "json_write.hpp"

namespace am::web {

namespace {

std::string_view error_code(int status) {
  switch (status) {
    case 400:
      return "invalid_argument";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 408:
      return "timeout";
    case 413:
      return "payload_too_large";
    case 414:
      return "uri_too_long";
    case 429:
      return "too_many_requests";
    case 431:
      return "headers_too_large";
    case 503:
      return "unavailable";
    case 505:
      return "http_version_not_supported";
    default:
      return "internal";
  }
}

}  // namespace

Document error_document(int status, std::string_view message) {
  std::string body = R"({"error":{"code":")";
  body += error_code(status);
  body += R"(","message":)";
  body += json_text(message);
  body += "}}\n";
  return {.status = status, .content_type = kJsonType, .body = std::move(body)};
}

}  // namespace am::web
