#pragma once
// A small strict reader of the HTML that `am` writes: what browsers forgive is a problem here.

#include <string>
#include <string_view>
#include <vector>

namespace am::test {

/// What is wrong with a page or a part of one; empty: nothing.
///
/// Tags that do not close each other, attributes without quotes, a bare & or <, an id twice, and whatever the pages'
/// Content-Security-Policy forbids: <script>, <style>, style="…", on…="…", javascript: addresses, things from elsewhere.
std::vector<std::string> html_problems(std::string_view html);

}  // namespace am::test
