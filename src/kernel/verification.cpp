#include "am/kernel/verification.hpp"

namespace am::kernel {

void Verification::find(Finding finding) {
  if (findings.size() < kMaxFindings) {
    findings.push_back(std::move(finding));
  } else {
    ++findings_left_out;
  }
}

void Verification::remark(Finding finding) {
  if (remarks.size() < kMaxFindings) remarks.push_back(std::move(finding));
}

}  // namespace am::kernel
