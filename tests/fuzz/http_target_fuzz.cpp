// Any bytes as a request's target: it matches nothing, with a short message, or a route whose parameters in canonical
// form match again as themselves; and any bytes as a JSON string, which always reads back.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/web/picks_section.hpp"
#include "am/web/router.hpp"
#include "web/answers.hpp"
#include "web/body.hpp"
#include "web/json_write.hpp"

namespace {

using am::web::Args;

void require(bool holds) {
  if (!holds) std::abort();
}

const am::web::Router& router() {
  static const am::web::Section* const kSections[] = {&am::web::picks_section()};
  static const am::web::Router kRouter = am::web::site_router(kSections);
  return kRouter;
}

/// The target that these parameters would be sent as. Canonical values need no percent-encoding.
std::string target_of(const am::web::Route& route, const Args& args) {
  std::string path(route.path);
  std::string query;
  for (const auto& [name, value] : args) {
    for (const char c : value) require((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-');
    if (const std::size_t at = path.find("{" + name + "}"); at != std::string::npos) {
      path.replace(at, name.size() + 2, value);
    } else {
      query += (query.empty() ? "?" : "&") + name + "=" + value;
    }
  }
  return path + query;
}

void check_match(std::string_view target) {
  const auto found = router().match(target);
  if (!found) {
    const am::web::Mismatch& mismatch = found.error();
    require(mismatch.status == 404 || (mismatch.status == 400 && mismatch.route != nullptr));
    require(mismatch.message.size() < 150 && am::is_valid_utf8(mismatch.message));
    require(nlohmann::json::accept(am::web::error_document(mismatch.status, mismatch.message).body));
    return;
  }
  require(found->route != nullptr && found->args.size() <= found->route->params.size());
  const auto again = router().match(target_of(*found->route, found->args));
  require(again && again->route == found->route && again->args == found->args);
}

void check_json_text(std::string_view text) {
  const std::string json = am::web::json_text(text);
  require(json.find_first_of("<>&\n") == std::string::npos);
  const nlohmann::json read = nlohmann::json::parse(json, nullptr, false);
  require(read.is_string());
  if (am::is_valid_utf8(text)) require(read.get<std::string>() == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_match(text);
  check_match("/batches?" + std::string(text));
  check_json_text(text);
  (void)am::web::accepts_gzip(text);
  require(am::web::names_etag(std::string(text) + ",\"e\"", "\"e\""));
  return 0;
}
