#include "body.hpp"

#include <zlib.h>

#include "am/base/error.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"

namespace am::web {

namespace {

constexpr std::size_t kWorthPacking = 1024;
constexpr std::string_view kSecurityHeaders =
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n";
constexpr std::string_view kPagePolicy =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'\r\n";
constexpr std::string_view kApiPolicy =
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw Error(ErrorKind::bug, "gzip: can't start");
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib's, never written to
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw Error(ErrorKind::bug, "gzip: can't finish");
  return packed;
}

std::string_view next_item(std::string_view& list) {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view item = trim(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return item;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<bool> any;
  while (!accept_encoding.empty()) {
    const std::string_view item = next_item(accept_encoding);
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string coding = to_lower(trim(item.substr(0, semicolon)));
    // q=0, q=0.0 …: refused.
    const std::string_view weight = trim(item.substr(std::min(semicolon + 1, item.size())));
    const bool accepted = !(weight.starts_with("q=0") || weight.starts_with("Q=0")) ||
                          weight.find_first_of("123456789") != weight.npos;
    if (coding == "gzip" || coding == "x-gzip") return accepted;
    if (coding == "*") any = accepted;
  }
  return any.value_or(false);
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    std::string_view item = next_item(if_none_match);
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag) return true;
  }
  return false;
}

Body::Body(const Document& document, bool kept, const HeaderPolicy& policy)
    : status_(document.status), content_type_(document.content_type) {
  std::string packed = kept && document.body.size() >= kWorthPacking ? gzip(document.body) : "";
  const bool varies = !packed.empty() && packed.size() < document.body.size();
  if (varies) gzip_ = make(std::move(packed), document, kept, policy, true, true);
  identity_ = make(document.body, document, kept, policy, false, varies);
}

Body::Coding Body::make(std::string bytes, const Document& document, bool kept, const HeaderPolicy& policy,
                        bool gzip, bool varies) {
  Coding coding;
  std::string shared(kSecurityHeaders);
  shared += document.content_type == kHtmlType ? kPagePolicy : kApiPolicy;
  if (varies && policy.cors) {
    shared += "Vary: Accept-Encoding, Origin\r\n";
  } else if (varies) {
    shared += "Vary: Accept-Encoding\r\n";
  } else if (policy.cors) {
    shared += "Vary: Origin\r\n";
  }
  if (kept) {
    coding.etag = "\"" + sha256_hex(bytes).substr(0, 32) + "\"";
    shared += "ETag: " + coding.etag + "\r\nCache-Control: ";
    const bool dressing = document.content_type == kCssType || document.content_type == kSvgType;
    shared += dressing ? "public, max-age=86400\r\n" : "no-cache\r\n";
  } else {
    shared += "Cache-Control: no-store\r\n";
  }
  std::string headers = "Content-Type: " + std::string(document.content_type) + "\r\n" + shared;
  if (gzip) headers += "Content-Encoding: gzip\r\n";
  coding.headers = std::make_shared<const std::string>(std::move(headers));
  if (kept) coding.not_modified = std::make_shared<const std::string>(std::move(shared));
  coding.bytes = std::make_shared<const std::string>(std::move(bytes));
  return coding;
}

kernel::ServerReply Body::reply(const kernel::ServerRequest& request) const {
  const Coding& coding = gzip_ && accepts_gzip(request.accept_encoding) ? *gzip_ : identity_;
  if (!coding.etag.empty() && status_ == 200 && !request.if_none_match.empty() &&
      names_etag(request.if_none_match, coding.etag)) {
    return {304, coding.not_modified, {}, nullptr, {}};
  }
  return {status_, coding.headers, {}, coding.bytes, {}};
}

bool Body::same_bytes(const Document& document) const {
  return document.status == status_ && document.content_type == content_type_ &&
         document.body == *identity_.bytes;
}

std::size_t Body::size() const { return identity_.bytes->size() + (gzip_ ? gzip_->bytes->size() : 0); }

}  // namespace am::web
