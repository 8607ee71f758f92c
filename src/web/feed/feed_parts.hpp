#pragma once
// What both pages of the feed are put together from. Private.

#include <string>

#include "run_reads.hpp"

namespace am::web {

std::string feed_run_path(const std::string& id);
/// "428 771"
std::string count_text(long long count);
/// A bar that says the same as the text beside it.
std::string fill_html(double percent);
/// "97.2 %"; never 100 where something is left.
std::string percent_text(double percent);
/// What a run's status means just now, as text.
std::string feed_status_text(const FeedRunLine& run);

}  // namespace am::web
