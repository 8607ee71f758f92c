#pragma once
// A path and what it answers: how its parameters are checked, how its document is made, how it is described
// (/openapi.json). Sections bring them (section.hpp), a router finds them (router.hpp).

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/error.hpp"
#include "am/base/result.hpp"
#include "am/kernel/config.hpp"
#include "am/kernel/desk.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/rate_limit.hpp"
#include "am/kernel/snapshot.hpp"

namespace am::web {

class Router;

/// Each with one check, one canonical form and one schema (route.cpp).
enum class ParamKind {
  limit,        ///< 1..100, 20 when absent
  date,         ///< YYYY-MM-DD
  date_cursor,  ///< the same, or "infinity": the next_cursor behind what is no day
  uuid,         ///< in lower case and with hyphens; may be sent without them, or in braces
  sequence,     ///< a positive integer: the cursor of events
  name          ///< 1 to 63 letters, digits and _ . : -, the first a letter or digit
};

struct Param {
  std::string_view name;
  ParamKind kind = ParamKind::limit;
  std::string_view about;
};

/// A request's parameters in canonical form: path and query, those of the route alone, `limit` always there.
using Args = std::map<std::string, std::string, std::less<>>;

inline constexpr std::string_view kJsonType = "application/json; charset=utf-8";
inline constexpr std::string_view kHtmlType = "text/html; charset=utf-8";
inline constexpr std::string_view kCssType = "text/css; charset=utf-8";
inline constexpr std::string_view kSvgType = "image/svg+xml";
inline constexpr std::string_view kCsvType = "text/csv; charset=utf-8";
inline constexpr std::string_view kAtomType = "application/atom+xml; charset=utf-8";

/// What a path answers: the whole body of one representation.
struct Document {
  int status = 200;
  std::string_view content_type = kJsonType;
  std::string body;
};

/// What a document is made from.
struct Source {
  kernel::SnapshotReader& reader;
  Instant now;                                        ///< business time
  const kernel::Desks& desks;                         ///< those that are enabled
  const kernel::Desks& off;                           ///< those that are not: nothing of theirs is shown
  const std::vector<kernel::RateLimit>& limits;       ///< request budgets
  const std::function<kernel::ServerStats()>& stats;  ///< may be empty
  const std::string& base_path;                       ///< as SiteOptions has it
  const Router& router;                    ///< what else there is: for the navigation, the description
  const kernel::Config* config = nullptr;  ///< for the keys of a page's own desk; none: all are unset
};

/// Runs on a reader's thread and may block. Errors: Error{no_input} → 404, {usage} → 400, {unavailable}, {config} and
/// {denied} → 503, else 500 (those from 500 on are logged; the client is told nothing of them).
using Render = Document (*)(const Args& args, const Source& source);

/// The same for a document that one snapshot decides: what to ask, and what the answers make. Pure, and those that
/// wait together share a round trip.
using Ask = std::vector<kernel::Statement> (*)(const Args& args);
using Make = Document (*)(const Args& args, const std::vector<kernel::Rows>& results);

enum class Keep {
  fresh,    ///< for SiteOptions::fresh, then read again
  never,    ///< read for every request (requests that wait for the same answer share it)
  forever,  ///< does not depend on the database: rendered once
};

struct Route {
  std::string_view path;  ///< "/things/{id}": a segment in braces is a parameter
  std::string_view name;  ///< operationId: "get_thing"; unique, as the path
  std::string_view summary;
  std::vector<Param> params;
  std::string_view schema;    ///< of the 200 answer, among a section's; empty: not JSON
  std::vector<int> statuses;  ///< besides 200
  Keep keep = Keep::fresh;
  std::string_view content_type = kJsonType;  ///< text/html: a page, its errors are pages, too
  Render render = nullptr;                    ///< or else these two
  Ask ask = nullptr;
  Make make = nullptr;
  bool health = false;  ///< answered by the reader that nothing else occupies

  bool is_page() const { return content_type == kHtmlType; }
};

/// "limit" as a number, of a route that has it.
int limit_of(const Args& args);
/// A parameter that may be absent.
std::optional<std::string> maybe_arg(const Args& args, std::string_view name);

/// Of a page of a list that was read with one more than its limit: cuts that off, and says whether it was there.
template <class T>
bool cut_to(std::vector<T>& page, int limit) {
  const bool more = page.size() > static_cast<std::size_t>(limit);
  if (more) page.pop_back();
  return more;
}

}  // namespace am::web
