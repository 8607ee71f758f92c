#include "support/scripted_http.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace am::test {

using kernel::HttpRequest;
using kernel::HttpResponse;

namespace {

ScriptedHttp::Predicate url_has(std::string method, std::string part) {
  return [method = std::move(method), part = std::move(part)](const HttpRequest& request) {
    return request.method == method && request.url.find(part) != std::string::npos;
  };
}

}  // namespace

HttpResponse ok(std::string body) { return status(200, std::move(body)); }

HttpResponse status(int code, std::string body) { return {.status = code, .body = std::move(body)}; }

ScriptedHttp::~ScriptedHttp() {
  if (allow_unmet_) return;
  for (const std::string& description : unmet())
    ADD_FAILURE() << "expected request never came: " << description;
}

ScriptedHttp& ScriptedHttp::reply(std::string method, std::string url_part, HttpResponse response,
                                  int times) {
  const std::string description = method + " …" + url_part + "…";
  return reply_if(description, url_has(std::move(method), std::move(url_part)), std::move(response), times);
}

ScriptedHttp& ScriptedHttp::reply_if(std::string description, Predicate matches, HttpResponse response,
                                     int times) {
  const std::lock_guard lock(mutex_);
  expected_.push_back({std::move(description), std::move(matches), {}, std::move(response), times});
  return *this;
}

ScriptedHttp& ScriptedHttp::fail(std::string method, std::string url_part, Error error, int times) {
  const std::lock_guard lock(mutex_);
  const std::string description = method + " …" + url_part + "…";
  expected_.push_back(
      {description, url_has(std::move(method), std::move(url_part)), std::move(error), {}, times});
  return *this;
}

ScriptedHttp& ScriptedHttp::otherwise(std::function<HttpResponse(const HttpRequest&)> handler) {
  const std::lock_guard lock(mutex_);
  otherwise_ = std::move(handler);
  return *this;
}

ScriptedHttp& ScriptedHttp::allow_unmet() {
  allow_unmet_ = true;
  return *this;
}

HttpResponse ScriptedHttp::send(const HttpRequest& request) {
  HttpResponse response;
  std::function<HttpResponse(const HttpRequest&)> handler;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    bool found = false;
    for (Expectation& expectation : expected_) {
      if (expectation.left == 0 || !expectation.matches(request)) continue;
      --expectation.left;
      if (expectation.error) throw Error(*expectation.error);
      response = expectation.response;
      found = true;
      break;
    }
    if (!found) handler = otherwise_;
    if (!found && !handler) {
      ADD_FAILURE() << "unexpected request: " << request.method << ' ' << kernel::loggable_url(request.url);
      throw Error(ErrorKind::bug, "scripted http: unexpected request");
    }
  }
  if (handler) response = handler(request);
  if (response.body.size() > request.max_body) {
    throw Error(ErrorKind::data, "scripted http: the answer is too long (expected at most " +
                                     std::to_string(request.max_body) + " bytes)");
  }
  return response;
}

std::vector<HttpRequest> ScriptedHttp::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> ScriptedHttp::unmet() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const Expectation& expectation : expected_) {
    if (expectation.left > 0)
      out.push_back(expectation.description + " (" + std::to_string(expectation.left) + " more)");
  }
  return out;
}

}  // namespace am::test
