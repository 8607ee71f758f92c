#pragma once
// A document made ready to be sent again and again: its bytes, packed and not, with the headers that go with each.
// Private.

#include <memory>
#include <optional>
#include <string>

#include "am/kernel/http_server.hpp"
#include "am/web/route.hpp"

namespace am::web {

/// What every answer of a site says besides what it answers.
struct HeaderPolicy {
  bool cors = false;  ///< answers depend on Origin
};

class Body {
 public:
  /// kept: with an ETag, for clients to ask again with; else "no-store".
  Body(const Document& document, bool kept, const HeaderPolicy& policy);

  /// 304 when If-None-Match names the representation that would be sent.
  kernel::ServerReply reply(const kernel::ServerRequest& request) const;
  bool same_bytes(const Document& document) const;
  std::size_t size() const;  ///< bytes that it holds
  int status() const { return status_; }
  /// What it was made from.
  Document document() const { return {status_, content_type_, *identity_.bytes}; }

 private:
  struct Coding {
    std::string etag;  ///< with its quotes; empty: none
    std::shared_ptr<const std::string> headers;
    std::shared_ptr<const std::string> not_modified;
    std::shared_ptr<const std::string> bytes;
  };
  static Coding make(std::string bytes, const Document& document, bool kept, const HeaderPolicy& policy,
                     bool gzip, bool varies);

  int status_;
  std::string_view content_type_;
  Coding identity_;
  std::optional<Coding> gzip_;
};

/// Whether an Accept-Encoding allows gzip: "gzip", "br;q=1.0, gzip;q=0.8", "*"; not "gzip;q=0".
bool accepts_gzip(std::string_view accept_encoding);
/// Whether an If-None-Match names this ETag (weak comparison; "*" names any).
bool names_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace am::web
