#pragma once
// Which sites' pages may read the API: CORS_ALLOW_ORIGINS.

#include <string>
#include <string_view>
#include <vector>

namespace am::web {

/// Threads: immutable after parsing.
class CorsOrigins {
 public:
  /// None: CORS is off.
  CorsOrigins() = default;
  /// "https://a.example, http://b.example:8080, https://*.example.org": origins with commas between. "*." stands for one
  /// label or more, so for every host below that one and not for itself; scheme and port are as given. "*": any.
  /// Errors:  config, for what no browser would ever call its origin.
  static CorsOrigins parse(std::string_view text);

  bool off() const { return !any_ && patterns_.empty(); }
  /// What Access-Control-Allow-Origin is to say to that Origin; empty: nothing.
  std::string_view allowed(std::string_view origin) const;

 private:
  /// A whole origin in `after`; or else `before` and `after` what "*." stands between.
  struct Pattern {
    std::string before;
    std::string after;
  };
  bool any_ = false;
  std::vector<Pattern> patterns_;
};

}  // namespace am::web
