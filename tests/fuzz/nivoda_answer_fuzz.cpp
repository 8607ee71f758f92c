// Any bytes: an answer of the supplier is either a problem in words on one line, or offers with ids, whose payloads are JSON
// that PostgreSQL takes and whose hashes follow from them; read again as an answer they are the same offers.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "feed/canonical_json.hpp"
#include "feed/nivoda_answer.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_text(const std::string& text) { require(!text.empty() && am::is_printable(text)); }

void check_page(const std::string& body) {
  const auto page = am::feed::parse_page(body);
  if (!page) return check_text(page.error().text);
  std::string again = R"({"data":{"diamonds_by_query":{"items":[)";
  for (const am::feed::Offer& offer : page->offers) {
    require(!offer.offer_id.empty() && !offer.supplier_stone_id.empty());
    require(am::is_valid_utf8(offer.payload_json) && offer.payload_json.front() == '{' &&
            offer.payload_json.back() == '}');
    const auto canonical = am::feed::canonical_json(offer.payload_json);
    require(canonical && am::sha256_hex(*canonical) == offer.payload_hash);
    require(*am::feed::canonical_json(*canonical) == *canonical);
    again += (&offer == page->offers.data() ? "" : ",") + offer.payload_json;
  }
  const auto same = am::feed::parse_page(again + "]}}}");
  require(same && same->offers.size() == page->offers.size());
  for (std::size_t i = 0; i < page->offers.size(); ++i) {
    require(same->offers[i].payload_json == page->offers[i].payload_json);
    require(same->offers[i].supplier_stone_id == page->offers[i].supplier_stone_id);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  check_page(body);
  if (const auto count = am::feed::parse_count(body))
    require(*count >= 0);
  else
    check_text(count.error().text);
  if (const auto login = am::feed::parse_login(body))
    require(!login->token.empty());
  else
    check_text(login.error().text);
  if (const auto problem = am::feed::errors_of(body)) check_text(problem->text);
  return 0;
}
