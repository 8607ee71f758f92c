#pragma once
// The paths of a server as a value made of sections: it dispatches, checks parameters, and knows what the pages and the
// description (/openapi.json) say of all of them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"
#include "am/web/section.hpp"

namespace am::web {

struct Match {
  const Route* route = nullptr;  ///< of the router
  Args args;
};

/// Why a target matches nothing: 404, or 400 with what is wrong with which parameter; or 308, where a page is elsewhere.
struct Mismatch {
  int status = 404;
  std::string message;
  const Route* route = nullptr;  ///< of a 400
  std::string location{};        ///< of a 308: path and query
};

/// Owns:    its routes; the sections must outlive it.
/// Threads: immutable.
class Router {
 public:
  Router() = default;
  /// `/` becomes the home of the first section that has one, which answers under its own path as well.
  /// Errors:  bug: two routes of one path or name, a home that is no route of its section.
  explicit Router(std::span<const Section* const> sections);

  const std::vector<Route>& routes() const { return routes_; }
  const std::vector<const Section*>& sections() const { return sections_; }
  /// The path that `/` stands for; empty: none.
  std::string_view home() const { return home_; }
  /// What the site is for, in a sentence: the first section's that says so.
  std::string_view about() const { return about_; }
  /// The pages' style sheet, and where it is: its address carries a hash of it.
  const std::string& style() const { return style_; }
  const std::string& style_path() const { return style_path_; }

  /// Shape:   a target as sent ("/things?limit=5&x=1"): percent-decoded once, unknown parameters are ignored, of a
  ///          repeated one the first counts, an empty one is absent.
  ///          A page is also found with slashes at its end and without "/pages", by a redirect; nothing else is, since
  ///          programs are told what is wrong.
  /// Errors:  Mismatch. Threads: pure.
  Result<Match, Mismatch> match(std::string_view target) const;

 private:
  std::vector<const Section*> sections_;
  std::vector<Route> routes_;
  std::string_view home_;
  std::string_view about_;
  std::string style_;
  std::string style_path_;
};

/// The desks' sections, and behind them the site's own: /health, /livez, /readyz, /metrics, /events, /openapi.json, the
/// pages of status, glossary and API, the style sheet, the icon.
Router site_router(std::span<const Section* const> desks);

/// The description of all routes: what /openapi.json answers. A shared schema that none of them needs is left out.
std::string openapi_json(const Router& router, const std::string& base_path = {});

}  // namespace am::web
