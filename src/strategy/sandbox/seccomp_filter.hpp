#pragma once
// The system calls that a worker may make, as the kernel's own program: what is not on the list fails with EPERM.

#include <vector>

#include <linux/filter.h>

namespace am::strategy {

/// Shape:   what prctl(PR_SET_SECCOMP) and `bwrap --seccomp` take; made once.
/// Errors:  bug: libseccomp refuses it.
const std::vector<sock_filter>& worker_filter();

}  // namespace am::strategy
