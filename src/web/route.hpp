#pragma once
// The one table of paths: it dispatches, checks parameters and describes itself (/openapi.json). Private.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/error.hpp"
#include "am/base/result.hpp"
#include "am/kernel/desk.hpp"
#include "am/kernel/http_server.hpp"
#include "am/kernel/rate_limit.hpp"
#include "am/kernel/snapshot.hpp"

namespace am::web {

/// Each with one check, one canonical form and one schema (route.cpp).
enum class ParamKind {
  limit,    ///< 1..100, 20 when absent
  date,     ///< YYYY-MM-DD
  uuid,     ///< in lower case and with hyphens; may be sent without them, or in braces
  sequence  ///< a positive integer: the cursor of events
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
  const std::vector<kernel::RateLimit>& limits;       ///< request budgets
  const std::function<kernel::ServerStats()>& stats;  ///< may be empty
  const std::string& base_path;                       ///< as SiteOptions has it
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
  std::string_view path;  ///< "/batches/{id}": a segment in braces is a parameter
  std::string_view name;  ///< operationId: "get_batch"
  std::string_view summary;
  std::vector<Param> params;
  std::string_view schema;    ///< of the 200 answer, in openapi.cpp; empty: not JSON
  std::vector<int> statuses;  ///< besides 200
  Keep keep = Keep::fresh;
  std::string_view content_type = kJsonType;  ///< text/html: a page, its errors are pages, too
  Render render = nullptr;                    ///< or else these two
  Ask ask = nullptr;
  Make make = nullptr;
  bool health = false;  ///< answered by the reader that nothing else occupies

  bool is_page() const { return content_type == kHtmlType; }
};

const std::vector<Route>& routes();

/// The route's document, however it is made. Errors: as Render.
Document rendered(const Route& route, const Args& args, const Source& source);

/// The schema of a parameter as JSON text.
std::string param_schema(ParamKind kind);

struct Match {
  const Route* route = nullptr;
  Args args;
};

/// Why a target matches nothing: 404, or 400 with what is wrong with which parameter.
struct Mismatch {
  int status = 404;
  std::string message;
  const Route* route = nullptr;  ///< of a 400
};

/// Shape:   a target as sent ("/batches?limit=5&x=1"): percent-decoded once, unknown parameters are ignored, of a
///          repeated one the first counts, an empty one is absent.
/// Errors:  Mismatch. Threads: pure.
Result<Match, Mismatch> match(std::string_view target);

/// What a client is told of a 503.
std::string_view unready_text(ErrorKind kind);

/// {"error":{"code":…,"message":…}} with the code of that status.
Document error_document(int status, std::string_view message);
/// The same as a page.
Document error_page_document(int status, std::string_view message);

/// Text as a JSON string in quotes, as the earlier service wrote it: UTF-8 as it is; < > & U+2028 U+2029 as \u….
std::string json_text(std::string_view text);

}  // namespace am::web
