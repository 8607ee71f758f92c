#pragma once
// How a document is made of a route, and what stands in for one that cannot be. Private.

#include <chrono>
#include <string>
#include <string_view>

#include "am/base/error.hpp"
#include "am/web/router.hpp"

namespace am::web {

/// The route's document, however it is made. Errors: as Render.
Document rendered(const Route& route, const Args& args, const Source& source);

/// What a client is told of a 503.
std::string_view unready_text(ErrorKind kind);

/// {"error":{"code":…,"message":…}} with the code of that status.
Document error_document(int status, std::string_view message);
/// The same as a page. hint: what a person can do about it; empty: what the status says.
Document error_page_document(int status, std::string_view message, const Router& router,
                             std::string_view hint = {});

/// A page that was read so long ago, with a line above it that says so.
Document aged_page(Document page, std::chrono::seconds age);

}  // namespace am::web
