#pragma once
// The diamond supplier over GraphQL: one endpoint, a login that gives a token, counts and pages.
//
// A token is good for six hours, or as long as the supplier says, less five minutes; the workers of a host share it, so
// that thirty of them log in once. A login that was refused is kept for five minutes and meets all of them, lest they lock
// the account.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "am/feed/supplier.hpp"
#include "am/kernel/http_client.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"

namespace am::feed {

struct NivodaOptions {
  std::string endpoint, username, password;
  bool bearer = false;  ///< the token as a header; else as the argument of `as`, around what is asked
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds timeout{60000};
};

/// Where the supplier is not there for a moment: three tries a page, from two seconds on.
kernel::RetryPolicy nivoda_retry();

/// The token of one account of one endpoint, in a file that only this user may read, which is locked while somebody logs in;
/// without a directory for it, in memory.
/// Threads: any.
class NivodaTokens {
 public:
  using Now = std::function<Instant()>;
  /// directory: $RUNTIME_DIRECTORY or $XDG_RUNTIME_DIR; nullopt: in memory, for the threads of this process.
  NivodaTokens(const NivodaOptions& account, const std::optional<std::string>& directory, kernel::Log& log,
               const kernel::Stop& stop, Now now);
  ~NivodaTokens();
  NivodaTokens(const NivodaTokens&) = delete;
  NivodaTokens& operator=(const NivodaTokens&) = delete;

  struct Granted {
    std::string token;
    std::optional<double>
        expires{};  ///< as the supplier says it: seconds to live, over 10⁹ a moment since 1970
  };
  struct Held {
    std::string token;
    bool is_fresh = false;  ///< of a login that this call made
  };
  /// One that holds and is not `stale`; else of `login`, which nobody else calls meanwhile.
  /// Errors:  denied: a login was refused less than five minutes ago; those of login, whose denied is kept; as Stop::check.
  Held get(const std::string& stale, const std::function<Granted()>& login);
  /// The supplier does not take the token that it has just given: as a refused login.
  void refused();

 private:
  class Place;
  class File;
  class Memory;
  class Turn;
  struct Known;

  Now now_;
  const kernel::Stop& stop_;
  std::unique_ptr<Place> place_;
};

/// $RUNTIME_DIRECTORY (its first directory), else $XDG_RUNTIME_DIR; nullopt: neither is set.
std::optional<std::string> token_directory();

/// Errors:  as Supplier says. Of a page's items one without an id fails the page.
class Nivoda final : public Supplier {
 public:
  /// http, tokens: outlive it. Each request, a login too, is one of http's.
  /// Errors:  config: no endpoint, user or password.
  Nivoda(kernel::HttpClient& http, NivodaTokens& tokens, NivodaOptions options);
  ~Nivoda() override;

  long long count(const Filter& filter) override;
  Page page(const Filter& filter, long long offset, int limit) override;

 private:
  struct Refused;
  template <class T, class Parse>
  T ask(const std::string& text, const std::string& variables, Parse parse);
  template <class T, class Parse>
  T send(const std::string& body, const std::string& token, Parse parse);
  NivodaTokens::Granted login();

  kernel::HttpClient& http_;
  NivodaTokens& tokens_;
  NivodaOptions options_;
};

}  // namespace am::feed
