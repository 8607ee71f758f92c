// The one file that names libcurl. It is loaded when the first request is made: libcurl brings thirty
// libraries along, and a command that asks nobody (`am version`, a rerun with nothing to do) starts several
// times faster without them.

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <dlfcn.h>

#include "am/base/text.hpp"
#include "am/kernel/http_client.hpp"
#include "wait.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kMaxHeaderBytes = 64U << 10U;
constexpr int kLongestPoll = 1000;  // milliseconds

/// The few functions that are used. Never unloaded: TLS libraries leave handlers behind that run at exit.
struct Curl {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_version) version;
  decltype(&::curl_slist_free_all) slist_free_all;

  Curl() {
    library_ = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw missing("libcurl.so.4 cannot be loaded");
    bind(global_init, "curl_global_init");
    bind(easy_init, "curl_easy_init");
    bind(easy_reset, "curl_easy_reset");
    bind(easy_cleanup, "curl_easy_cleanup");
    bind(easy_setopt, "curl_easy_setopt");
    bind(easy_getinfo, "curl_easy_getinfo");
    bind(multi_init, "curl_multi_init");
    bind(multi_cleanup, "curl_multi_cleanup");
    bind(multi_add_handle, "curl_multi_add_handle");
    bind(multi_remove_handle, "curl_multi_remove_handle");
    bind(multi_perform, "curl_multi_perform");
    bind(multi_poll, "curl_multi_poll");
    bind(multi_info_read, "curl_multi_info_read");
    bind(easy_strerror, "curl_easy_strerror");
    bind(slist_append, "curl_slist_append");
    bind(version, "curl_version");
    bind(slist_free_all, "curl_slist_free_all");
    if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw missing("libcurl cannot start");
  }

 private:
  static Error missing(const std::string& problem) {
    const char* why = dlerror();
    if (why != nullptr && std::strstr(why, "Cannot allocate memory") != nullptr) throw std::bad_alloc();
    return {ErrorKind::config, "http client: " + problem, "apt-get install libcurl4"};
  }
  template <class Function>
  void bind(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (function == nullptr) throw missing(std::string("libcurl.so.4 has no ") + name);
  }
  void* library_;
};

/// Loads once; after a failure the next call tries again.
const Curl& curl() {
  static const Curl kCurl;
  return kCurl;
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// "api.example.com:443": all of an URL that an error message may show.
/// Errors:  config: not an absolute http or https URL.
std::string host_and_port(std::string_view url) {
  const auto scheme_end = url.find("://");
  const std::string scheme = to_lower(url.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
  if ((scheme != "http" && scheme != "https") || has_line_break(url)) {
    throw Error(ErrorKind::config, "http client: not an http or https URL",
                "check the vendor's base URL: am config show --origin");
  }
  std::string_view authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return std::string(authority) + (has_port ? "" : scheme == "https" ? ":443" : ":80");
}

/// What arrives during one transfer.
struct Arrival {
  HttpResponse response;
  std::size_t max_body = 0;
  std::size_t header_bytes = 0;
  bool body_too_big = false;
  bool headers_too_big = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& arrival = *static_cast<Arrival*>(user);
  const std::size_t bytes = size * count;
  if (bytes > arrival.max_body - arrival.response.body.size()) {
    arrival.body_too_big = true;
    return 0;
  }
  try {
    arrival.response.body.append(data, bytes);
  } catch (...) {  // no memory; an exception must not pass through a C library
    return 0;
  }
  return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& arrival = *static_cast<Arrival*>(user);
  const std::size_t bytes = size * count;
  arrival.header_bytes += bytes;
  if (arrival.header_bytes > kMaxHeaderBytes) {
    arrival.headers_too_big = true;
    return 0;
  }
  try {
    const std::string_view line = trim(std::string_view(data, bytes));
    if (line.starts_with("HTTP/")) {  // an interim answer (100, 103) came before
      arrival.response.headers.clear();
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      arrival.response.headers.emplace_back(to_lower(trim(line.substr(0, colon))),
                                            trim(line.substr(colon + 1)));
    }
  } catch (...) {
    return 0;
  }
  return bytes;
}

/// One transfer at a time; it keeps its connections open for the next. The multi handle lets us wait by ourselves.
class Transfer {
 public:
  Transfer() : handle(curl().easy_init()), multi_(curl().multi_init()) {
    if (handle != nullptr && multi_ != nullptr) return;
    clean_up();
    throw Error(ErrorKind::unavailable, "http client: libcurl cannot make a handle");
  }
  ~Transfer() { clean_up(); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Errors:  as Stop::check when asked to end meanwhile.
  CURLcode perform(const Wait& wait);

  CURL* const handle;

 private:
  void clean_up() {
    curl().easy_cleanup(handle);
    curl().multi_cleanup(multi_);
  }
  CURLM* const multi_;
};

CURLcode Transfer::perform(const Wait& wait) {
  const Curl& lib = curl();
  if (lib.multi_add_handle(multi_, handle) != CURLM_OK) return CURLE_FAILED_INIT;
  const auto take_out = [&](CURL* easy) { lib.multi_remove_handle(multi_, easy); };
  const std::unique_ptr<CURL, decltype(take_out)> added(handle, take_out);
  const Stop* stop = wait.stop();
  for (int running = 1; lib.multi_perform(multi_, &running) == CURLM_OK && running > 0;) {
    const bool watching = stop != nullptr && !stop->requested();
    curl_waitfd asked_to_end{watching ? stop->descriptor() : -1, CURL_WAIT_POLLIN, 0};
    // Without a limit of ours, libcurl's own timers still end the poll in time.
    const int left = wait.milliseconds_left();
    if (left == 0) wait.give_up({ErrorKind::unavailable, "http client: no answer in time"});
    lib.multi_poll(multi_, &asked_to_end, watching ? 1 : 0, left < 0 ? kLongestPoll : left, nullptr);
  }
  int others = 0;
  const CURLMsg* message = lib.multi_info_read(multi_, &others);
  return message != nullptr && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT;
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(std::string user_agent, const Stop* stop) : user_agent_(std::move(user_agent)), stop_(stop) {}
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  HttpResponse send(const HttpRequest& request) override;

 private:
  std::unique_ptr<Transfer> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Transfer>();
    std::unique_ptr<Transfer> transfer = std::move(idle_.back());
    idle_.pop_back();
    return transfer;
  }
  void give_back(std::unique_ptr<Transfer> transfer) {
    curl().easy_reset(transfer->handle);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(transfer));
  }
  void prepare(CURL* handle, const HttpRequest& request, curl_slist* headers, Arrival& arrival) const;

  std::string user_agent_;
  const Stop* stop_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Transfer>> idle_;
};

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  const CURLcode code = curl().easy_setopt(handle, option, value);
  if (code != CURLE_OK) {
    throw Error(ErrorKind::config, "http client: libcurl refuses option " + std::to_string(option) + ": " +
                                       curl().easy_strerror(code));
  }
}

void CurlTransport::prepare(CURL* handle, const HttpRequest& request, curl_slist* headers,
                            Arrival& arrival) const {
  set(handle, CURLOPT_URL, request.url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_NOSIGNAL, 1L);    // name resolution must not use SIGALRM in a threaded program
  set(handle, CURLOPT_QUICK_EXIT, 1L);  // a name that is still being looked up is not waited for
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(handle, CURLOPT_USERAGENT, user_agent_.c_str());
  set(handle, CURLOPT_ACCEPT_ENCODING, "");  // all that this libcurl can unpack
  set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(handle, CURLOPT_HTTPHEADER, headers);
  set(handle, CURLOPT_WRITEFUNCTION, &on_body);
  set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&arrival));
  set(handle, CURLOPT_HEADERFUNCTION, &on_header);
  set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&arrival));
  if (request.once) {
    set(handle, CURLOPT_FRESH_CONNECT, 1L);
    set(handle, CURLOPT_HTTP_VERSION,
        static_cast<long>(CURL_HTTP_VERSION_1_1));  // 2 has streams to try again
  }
  const bool has_body = !request.body.empty() || request.method == "POST";
  if (has_body) {
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.method == "CONNECT") {
    set(handle, CURLOPT_CONNECT_ONLY, 1L);
  } else if (request.method == "HEAD") {
    set(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method != (has_body ? "POST" : "GET")) {
    set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

/// Why a transfer failed, in words that hold neither the query nor a header.
Error failure(CURL* handle, CURLcode code, const HttpRequest& request, const Arrival& arrival) {
  const std::string where = host_and_port(request.url) + ": ";
  const auto lost = [&](const std::string& problem, const std::string& hint = {}) {
    return Error(ErrorKind::unavailable, where + problem, hint);
  };
  if (arrival.body_too_big) {
    return {ErrorKind::data, where + "the answer is too long (expected at most " +
                                 std::to_string(request.max_body) + " bytes)"};
  }
  if (arrival.headers_too_big) return {ErrorKind::data, where + "the answer's headers are too long"};
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return {ErrorKind::config, where + "malformed URL",
              "check the vendor's base URL: am config show --origin"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return lost("host name not found", "check the network and the vendor's base URL");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return lost("the proxy's host name was not found", "check https_proxy, http_proxy, no_proxy");
    case CURLE_COULDNT_CONNECT: {
      long number = 0;
      curl().easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
      return lost(number == 0 ? "no connection"
                              : to_lower(std::generic_category().message(static_cast<int>(number))));
    }
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t ready = 0;  // microseconds until the request could be sent; 0: never
      curl().easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &ready);
      return ready == 0 ? lost("no connection within " +
                               seconds_text(std::min(request.connect_timeout, request.timeout)))
                        : lost("no complete answer within " + seconds_text(request.timeout));
    }
    case CURLE_PEER_FAILED_VERIFICATION:
      return lost("the certificate was not accepted",
                  "apt-get install ca-certificates; or check the machine's clock");
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorKind::config, where + "no usable CA certificates", "apt-get install ca-certificates"};
    case CURLE_SSL_CONNECT_ERROR:
      return lost("TLS handshake failed");
    case CURLE_GOT_NOTHING:
      return lost("connection closed without an answer");
    case CURLE_PARTIAL_FILE:
      return lost("connection closed in the middle of the answer");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return lost("connection lost");
    case CURLE_UNSUPPORTED_PROTOCOL:  // the scheme was checked before: it is the answer that is none
    case CURLE_WEIRD_SERVER_REPLY:
      return lost("the answer is not HTTP");
    case CURLE_BAD_CONTENT_ENCODING:
      return lost("the answer cannot be unpacked");
    default:
      return lost(to_lower(curl().easy_strerror(code)));
  }
}

HttpResponse CurlTransport::send(const HttpRequest& request) {
  const Curl& lib = curl();
  host_and_port(request.url);  // refuses what is not http or https
  const auto free_list = [&lib](curl_slist* list) { lib.slist_free_all(list); };
  std::unique_ptr<curl_slist, decltype(free_list)> headers(nullptr, free_list);
  const auto add = [&](const std::string& line) {
    if (has_line_break(line))
      throw Error(ErrorKind::bug, "http client: a header with a line break",
                  "a key or token may hold a stray newline");
    curl_slist* longer = lib.slist_append(headers.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(headers.release());
    headers.reset(longer);
  };
  add("Expect:");  // some servers never answer "100-continue", which would cost a second
  for (const auto& [name, value] : request.headers) add(name + ": " + value);

  Arrival arrival;
  arrival.max_body = request.max_body;
  const Wait wait(stop_);
  const auto back = [this](Transfer* transfer) { give_back(std::unique_ptr<Transfer>(transfer)); };
  const std::unique_ptr<Transfer, decltype(back)> transfer(take().release(), back);
  CURL* handle = transfer->handle;
  prepare(handle, request, headers.get(), arrival);
  const CURLcode code = transfer->perform(wait);
  if (code != CURLE_OK) throw failure(handle, code, request, arrival);
  long status = 0;
  lib.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  arrival.response.status = static_cast<int>(status);
  return std::move(arrival.response);
}

}  // namespace

std::string http_library() { return curl().version(); }

std::unique_ptr<Transport> make_curl_transport(std::string user_agent, const Stop* stop) {
  return std::make_unique<CurlTransport>(std::move(user_agent), stop);
}

}  // namespace am::kernel
