// Any bytes: a job's payload is refused with a reason, or is a request within bounds that reads back as it was written.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "am/forecast/jobs.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto job =
      am::forecast::JobPayload::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!job) {
    require(job.error().reason.starts_with("payload: "));
    return 0;
  }
  require(job->as_of < job->from && job->from <= job->to && job->to - job->from < am::forecast::kMostDays);
  const auto again = am::forecast::JobPayload::parse(job->to_json());
  require(again.has_value() && again->key() == job->key() && again->to_json() == job->to_json());
  return 0;
}
