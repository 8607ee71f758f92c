#pragma once
// What comes back from a Chat Completions server, whoever wrote it: its errors and their words. Private.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "am/kernel/http_client.hpp"

namespace am::picks {

/// What others wrote. Not the ordered kind: that copies its members as it grows, deep ones until the stack is used up.
using OutsideJson = nlohmann::json;

/// The member of that name; null: json is no object, or has none.
const OutsideJson* member(const OutsideJson& json, const char* name);
/// The same, when it is a text; else empty.
std::string text_member(const OutsideJson& json, const char* name);

/// What the body of an error says for people, in whatever shape: an object or a text under "error" (of the answer, of
/// its first element, of its first choice), "message", "detail" (a text or a list of {loc, msg}), or plain text.
///
/// Shape:   one line, bounded, printable; a key that the vendor shortened in it (sk-a***9) is masked whole. Empty: it
///          says nothing, or is a web page.
/// Threads: pure.
std::string vendor_words(std::string_view body);

/// Tells the answers apart. An error inside a 200 is judged by the code that it names.
/// Errors:  deferred for 429; denied for 401, 402, 403, a refused key and an account that is closed or spent;
///          unavailable for 408, 425 and 5xx; config for what else is wrong with the request; data for a content filter
///          and for what is no answer of this API.
kernel::Verdict judge_openai(const kernel::HttpResponse& response, const std::string& model);

}  // namespace am::picks
