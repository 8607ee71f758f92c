#include "am/kernel/http_client.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "am/base/date.hpp"
#include "am/base/text.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/ids.hpp"

namespace am::kernel {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kDefaultPause = std::chrono::seconds(60);
/// Longest wait that a Retry-After header is believed. A mistaken date of next year must not silence a key
/// for a year; asking once an hour costs next to nothing.
constexpr milliseconds kMaxRetryAfter = std::chrono::hours(1);

bool names_a_secret(std::string_view parameter) {
  static constexpr std::array<std::string_view, 6> kParts = {"key",      "token",     "secret",
                                                             "password", "signature", "credential"};
  const std::string name = to_lower(parameter);
  return name == "sig" || std::ranges::any_of(kParts, [&](std::string_view part) {
           return name.find(part) != std::string::npos;
         });
}

/// RFC 9110's IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT": the only form that a server may send today.
std::optional<Instant> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return {};
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return {};
  const auto number = static_cast<int>(month - kMonths.begin()) + 1;
  return parse_rfc3339(std::string(text.substr(12, 4)) + (number < 10 ? "-0" : "-") + std::to_string(number) +
                       "-" + std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z");
}

/// Retry-After as seconds or as a date. A date is compared with the answer's own Date, so that a wrong clock
/// on either side does not matter.
std::optional<milliseconds> retry_after(const HttpResponse& response) {
  const auto header = response.header("retry-after");
  if (!header) return {};
  const std::string_view text = trim(*header);
  milliseconds wait;
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    // More digits than a day has seconds: only the cap can be meant.
    wait =
        text.size() > 9 ? kMaxRetryAfter : milliseconds(std::chrono::seconds(std::stoll(std::string(text))));
  } else if (const auto at = parse_http_date(text)) {
    const auto date = parse_http_date(trim(response.header("date").value_or("")));
    wait = std::chrono::ceil<milliseconds>(*at - date.value_or(SystemClock().now()));
  } else {
    return {};
  }
  return std::clamp(wait, milliseconds(0), kMaxRetryAfter);
}

Verdict verdict(Verdict::Kind kind, std::string problem, ErrorKind error, std::string hint = {}) {
  return {.kind = kind, .problem = std::move(problem), .error = error, .hint = std::move(hint)};
}

std::int64_t count(milliseconds duration) { return duration.count(); }

}  // namespace

std::optional<std::string> HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string loggable_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  std::string_view base = url.substr(0, question);
  std::string out;
  if (const auto scheme = base.find("://"); scheme != std::string_view::npos) {
    out = base.substr(0, scheme + 3);
    base.remove_prefix(scheme + 3);
    const std::string_view authority = base.substr(0, base.find('/'));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) base.remove_prefix(at + 1);
  }
  out += base;
  if (question == std::string_view::npos) return out;
  char separator = '?';
  for (const std::string& parameter : split(url.substr(question + 1), '&')) {
    const auto equals = parameter.find('=');
    const std::string name = parameter.substr(0, equals);
    out += separator + (equals != std::string::npos && names_a_secret(name) ? name + "=***" : parameter);
    separator = '&';
  }
  return out;
}

std::string loggable_host(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return "***";
  return loggable_url(url.substr(0, url.find_first_of("/?#", scheme + 3))) + "/***";
}

std::string url_encode(std::string_view value) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : value) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

Verdict judge_status(const HttpResponse& response) {
  using Kind = Verdict::Kind;
  const int status = response.status;
  if (status >= 200 && status < 300) return {};
  const std::string problem = "answered " + std::to_string(status) + " (expected 2xx)";
  if (status == 401 || status == 403) {
    return verdict(Kind::fail, problem, ErrorKind::denied, "check the key or the account at this vendor");
  }
  if (status == 429) {
    Verdict limited =
        verdict(Kind::limit, problem, ErrorKind::deferred, "the vendor's request limit is reached");
    limited.wait = retry_after(response);
    return limited;
  }
  if (status == 408 || status == 425 || status >= 500) {
    Verdict again = verdict(Kind::retry, problem, ErrorKind::unavailable,
                            "the vendor has trouble; a later run can succeed");
    again.wait = retry_after(response);
    return again;
  }
  if (status >= 300 && status < 400) {
    return verdict(Kind::fail, problem, ErrorKind::data,
                   "redirects are not followed: check the vendor's base URL");
  }
  return verdict(Kind::fail, problem, ErrorKind::data);
}

HttpClient::HttpClient(Transport& transport, RateLimiter* limiter, Log& log, const Stop& stop,
                       Options options)
    : transport_(transport), limiter_(limiter), log_(log), stop_(stop), options_(std::move(options)) {
  if (options_.limit_key && limiter_ == nullptr) {
    throw Error(ErrorKind::bug, options_.vendor + ": a rate-limit key without a limiter");
  }
}

HttpResponse HttpClient::send(const HttpRequest& request,
                              const std::function<Verdict(const HttpResponse&)>& judge) {
  const std::string url = request.secret_path ? loggable_host(request.url) : loggable_url(request.url);
  HttpResponse response;
  milliseconds waited{0};

  const auto attempt_once = [&](int n) -> Attempt {
    HttpRequest attempt = request;
    const std::string id = new_id();
    attempt.headers.emplace_back("X-Request-Id", id);
    if (options_.trace) {
      attempt.headers.emplace_back("traceparent", options_.trace->parent());
      if (!options_.trace->state.empty()) attempt.headers.emplace_back("tracestate", options_.trace->state);
    }
    Fields fields = {{"vendor", options_.vendor},
                     {"method", request.method},
                     {"url", url},
                     {"request_id", id},
                     {"retry_count", n}};
    const std::optional<long long> slot = charge(request.timeout);
    const auto start = std::chrono::steady_clock::now();
    std::optional<Error> lost;
    try {
      response = transport_.send(attempt);
    } catch (const Error& error) {
      lost = error;
    }
    fields.emplace_back("duration",
                        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    end(slot, !lost);

    if (lost) {
      fields.emplace_back("error", lost->message());
      log_.warn("request failed", fields);
      return {.failed = lost->within(options_.vendor), .again = lost->retryable()};
    }
    fields.emplace_back("status", response.status);
    const Verdict found = judge(response);
    if (found.kind == Verdict::Kind::accept) {
      log_.debug("request answered", fields);
      return {};
    }
    fields.emplace_back("error", found.problem);
    log_.warn("request not accepted", fields);
    return refused(found, waited);
  };
  RetryPolicy policy = options_.retry;
  if (request.once) policy.attempts = 1;
  retry(policy, stop_, attempt_once, [&] {
    const Lock lock(mutex_);
    if (wait_hook_) wait_hook_(WaitFor::attempt);
  });
  return response;
}

Attempt HttpClient::refused(const Verdict& found, milliseconds& waited) {
  const Error error = Error(found.error, found.problem, found.hint).within(options_.vendor);
  switch (found.kind) {
    case Verdict::Kind::accept:
      return {};
    case Verdict::Kind::fail:
      return {.failed = error, .again = false};
    case Verdict::Kind::retry:
      waited += found.wait.value_or(milliseconds(0));
      return {.failed = found.wait ? error.retry_after(SystemClock().now() + *found.wait) : error,
              .again = waited <= options_.max_wait,
              .wait = found.wait};
    case Verdict::Kind::limit:
      break;
  }
  const milliseconds wait = found.wait.value_or(kDefaultPause);
  const Error deferred = Error(ErrorKind::deferred, found.problem, found.hint)
                             .within(options_.vendor)
                             .retry_after(SystemClock().now() + wait);
  if (!options_.limit_key) {
    waited += wait;
    return {.failed = deferred, .again = waited <= options_.max_wait, .wait = wait};
  }
  const Lock lock(mutex_);
  limiter_->pause(*options_.limit_key, wait, found.problem);
  log_.warn("paused for every process", {{"vendor", options_.vendor},
                                         {"limit", *options_.limit_key},
                                         {"pause_ms", count(wait)},
                                         {"reason", found.problem}});
  // The pause is what the next attempt waits for, or defers on.
  return {.failed = deferred, .again = true, .wait = milliseconds(0)};
}

void HttpClient::reserve(int requests) {
  if (!options_.limit_key) return;
  Lock lock(mutex_);
  const auto wanted = requests - static_cast<int>(reserved_.size());
  if (wanted > 0) take(lock, wanted);
}

void HttpClient::release() {
  if (!options_.limit_key) return;
  const Lock lock(mutex_);
  if (!reserved_.empty()) limiter_->release(reserved_);
  reserved_.clear();
}

/// While this one waits, others may end their requests, which is what it waits for.
void HttpClient::take(Lock& lock, int requests) {
  const auto nap = [&](milliseconds wait) {
    lock.unlock();
    stop_.sleep(wait);
    lock.lock();
    if (wait_hook_) wait_hook_(WaitFor::budget);
  };
  try {
    const auto slots = limiter_->reserve(*options_.limit_key, requests, options_.max_wait, nap);
    reserved_.insert(reserved_.end(), slots.begin(), slots.end());
  } catch (const Error& error) {
    throw error.within(options_.vendor);
  }
}

std::optional<long long> HttpClient::charge(milliseconds longest) {
  Lock lock(mutex_);
  if (options_.limit_key && reserved_.empty()) take(lock, 1);
  // After the wait for a slot: whoever lost its lease meanwhile must not send.
  if (hook_) hook_();
  while (options_.limit_key) {
    const long long slot = reserved_.back();
    reserved_.pop_back();
    if (limiter_->use(slot, longest)) return slot;
    // Expired, or the key was paused since: what else is held can't be sent either, and would only block
    // others.
    reserved_.push_back(slot);
    limiter_->release(reserved_);
    reserved_.clear();
    take(lock, 1);
  }
  return {};
}

/// The answer is worth more than the slot, which ends by itself.
void HttpClient::end(const std::optional<long long>& slot, bool answered) {
  if (!slot) return;
  const Lock lock(mutex_);
  try {
    limiter_->end(*slot, answered);
  } catch (const Error& error) {
    log_.warn("the end of a request could not be recorded, so it counts for longer",
              {{"vendor", options_.vendor}, {"limit", *options_.limit_key}, {"error", error.message()}});
  }
}

}  // namespace am::kernel
