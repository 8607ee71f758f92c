#pragma once
// What an answer carries besides its body: who may read it (CORS), when to come again, where its links lead. Private.

#include <memory>
#include <string>
#include <string_view>

#include "am/web/cors.hpp"
#include "am/web/router.hpp"
#include "body.hpp"

namespace am::web {

/// Threads: any.
class Replies {
 public:
  /// The router must outlive it.
  Replies(CorsOrigins cors, std::string base_path, const Router& router);

  /// A document's body, and with it the headers that are the same for everybody.
  std::shared_ptr<const Body> body(const Document& document, bool kept) const;
  /// The same for an error: a page where the route is one, else JSON.
  /// hint: what a person can do, for a page.
  std::shared_ptr<const Body> failure(const Route& route, int status, std::string_view message,
                                      std::string_view hint = {}) const;
  /// The document as it is served: its links lead below the base path.
  Document placed(Document document) const;

  void send(const Body& body, const Route& route, const kernel::ServerRequest& request,
            kernel::Responder responder, std::string extra) const;
  void options(const kernel::ServerRequest& request, kernel::Responder responder) const;
  /// An answer without a read. Without a route: a page for who wants HTML.
  void refuse(const kernel::ServerRequest& request, kernel::Responder responder, int status,
              std::string_view message, const Route* route) const;
  /// 308: the page is at `location`, below the base path.
  void redirect(const kernel::ServerRequest& request, kernel::Responder responder,
                const std::string& location) const;
  /// The answer to what the server refuses before anybody knows what was wanted.
  kernel::ServerReply unread(int status, std::string_view message) const;

 private:
  std::shared_ptr<const Body> failure(bool page, int status, std::string_view message,
                                      std::string_view hint) const;
  void finish(kernel::ServerReply& reply, const kernel::ServerRequest& request) const;

  CorsOrigins cors_;
  std::string base_path_;
  const Router& router_;
  HeaderPolicy policy_;
};

}  // namespace am::web
