#include "am/feed/nivoda.hpp"

#include <utility>

#include "am/base/text.hpp"
#include "am/kernel/secret_mask.hpp"
#include "nivoda_answer.hpp"
#include "nivoda_query.hpp"

namespace am::feed {

namespace {

using kernel::HttpResponse;
using kernel::Verdict;

constexpr std::size_t kMaxBody = std::size_t{16} << 20U;  ///< a page of 50 has 130 kB
/// Of a page; a token that somebody else asked for may have ended, too.
constexpr int kMostTokens = 3;

bool is_success(int status) { return status >= 200 && status < 300; }

Verdict verdict_of(const Problem& problem) {
  using Kind = Verdict::Kind;
  const std::string text = "answered: " + problem.text;
  switch (problem.kind) {
    case Problem::Kind::refused:
      return {.kind = Kind::fail,
              .problem = text,
              .error = ErrorKind::denied,
              .hint = "check NIVODA_USERNAME and NIVODA_PASSWORD"};
    case Problem::Kind::unknown:
      return {.kind = Kind::fail,
              .problem = text,
              .error = ErrorKind::config,
              .hint = "check nivoda.query and nivoda.endpoint; the supplier may have changed what it knows"};
    case Problem::Kind::limited:
      return {.kind = Kind::limit,
              .problem = text,
              .error = ErrorKind::deferred,
              .hint = "the vendor's request limit is reached"};
    case Problem::Kind::failed:
      break;
  }
  return {.kind = Kind::retry,
          .problem = text,
          .error = ErrorKind::unavailable,
          .hint = "the supplier has trouble; a later run can succeed"};
}

/// A secret that is too short is not looked for: it is in words that are none.
kernel::SecretMask mask_of(const std::string& token, const std::string& password) {
  std::vector<std::string> secrets;
  for (const std::string& secret : {token, password}) {
    if (secret.size() >= kernel::kShortestSecret) secrets.push_back(secret);
  }
  return kernel::SecretMask(secrets);
}

std::string required(const std::string& value, const char* name) {
  if (value.empty())
    throw Error(ErrorKind::config, std::string(name) + ": not set",
                "set NIVODA_ENDPOINT, NIVODA_USERNAME and NIVODA_PASSWORD");
  return value;
}

}  // namespace

/// The token was not taken.
struct Nivoda::Refused {
  Error error;
};

kernel::RetryPolicy nivoda_retry() {
  return {.attempts = 3,
          .base = std::chrono::seconds(2),
          .cap = std::chrono::seconds(8),
          .budget = std::chrono::minutes(5)};
}

Nivoda::Nivoda(kernel::HttpClient& http, NivodaTokens& tokens, NivodaOptions options)
    : http_(http), tokens_(tokens), options_(std::move(options)) {
  required(options_.endpoint, "NIVODA_ENDPOINT");
  required(options_.username, "NIVODA_USERNAME");
  required(options_.password, "NIVODA_PASSWORD");
}

Nivoda::~Nivoda() = default;

template <class T, class Parse>
T Nivoda::send(const std::string& body, const std::string& token, Parse parse) {
  kernel::HttpRequest request;
  request.method = "POST";
  request.url = options_.endpoint;
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  if (options_.bearer && !token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  request.body = body;
  request.connect_timeout = options_.connect_timeout;
  request.timeout = options_.timeout;
  request.max_body = kMaxBody;
  const kernel::SecretMask mask = mask_of(token, options_.password);
  std::optional<T> found;
  bool is_refused = false;
  const auto judge = [&](const HttpResponse& response) {
    const std::string text = mask(response.body);
    std::optional<Problem> problem;
    if (response.status == 401 || response.status == 403) {
      problem = {Problem::Kind::refused, std::to_string(response.status)};
    } else if (is_success(response.status)) {
      auto parsed = parse(text);
      if (parsed) {
        found = std::move(parsed).value();
        return Verdict{};
      }
      problem = parsed.error();
    } else {
      problem = errors_of(text);
      if (!problem || problem->kind == Problem::Kind::failed) return kernel::judge_status(response);
    }
    is_refused = problem->kind == Problem::Kind::refused;
    Verdict verdict = verdict_of(*problem);
    if (verdict.kind == Verdict::Kind::limit && response.status == 429)
      verdict.wait = kernel::judge_status(response).wait;
    return verdict;
  };
  try {
    http_.send(request, judge);
  } catch (const Error& error) {
    if (is_refused && error.kind() == ErrorKind::denied) throw Refused{error};
    throw;
  }
  return std::move(*found);
}

NivodaTokens::Granted Nivoda::login() {
  try {
    return send<NivodaTokens::Granted>(
        request_body(login_text(), login_variables(options_.username, options_.password), {}), {},
        parse_login);
  } catch (const Refused& refused) {
    throw Error(refused.error.within("login"));
  }
}

template <class T, class Parse>
T Nivoda::ask(const std::string& text, const std::string& variables, Parse parse) {
  std::string stale;
  for (int used = 1;; ++used) {
    const NivodaTokens::Held held = tokens_.get(stale, [this] { return login(); });
    try {
      return send<T>(request_body(text, variables, options_.bearer ? std::string() : held.token), held.token,
                     parse);
    } catch (const Refused& refused) {
      const bool was_renewed = held.is_fresh && !stale.empty();
      if (was_renewed) tokens_.refused();
      if (was_renewed || used == kMostTokens) throw Error(refused.error.within("with a new token"));
      stale = held.token;
    }
  }
}

long long Nivoda::count(const Filter& filter) {
  return ask<long long>(count_text(!options_.bearer), count_variables(filter), parse_count);
}

Page Nivoda::page(const Filter& filter, long long offset, int limit) {
  return ask<Page>(page_text(!options_.bearer), page_variables(filter, offset, limit), parse_page);
}

}  // namespace am::feed
