#include "strategy/sandbox/landlock.hpp"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

namespace am::strategy {

namespace {

// linux/landlock.h, as of version 6 of the interface.
struct RulesetAttr {
  std::uint64_t handled_access_fs, handled_access_net, scoped;
};
struct PathAttr {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
} __attribute__((packed));
constexpr unsigned kAskVersion = 1;
constexpr int kPathBeneath = 1;
constexpr std::uint64_t kExecute = 1U << 0, kReadFile = 1U << 2, kReadDir = 1U << 3;
constexpr std::uint64_t kAllNet = 3, kAllScopes = 3;

/// All that a version can forbid: 13 rights to begin with, then moving between folders, truncating, devices' ioctl.
std::uint64_t all_of_files(int version) {
  const int rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (std::uint64_t{1} << rights) - 1;
}

std::size_t size_of_ruleset(int version) { return version >= 6 ? 24 : version >= 4 ? 16 : 8; }

/// What is not there needs no rule.
bool allow_tree(int ruleset, const char* path) {
  const int tree = open(path, O_PATH | O_CLOEXEC);
  if (tree < 0) return true;
  struct stat what{};
  const bool folder = fstat(tree, &what) == 0 && S_ISDIR(what.st_mode);
  const PathAttr rule{kExecute | kReadFile | (folder ? kReadDir : 0), tree};
  const bool added = syscall(SYS_landlock_add_rule, ruleset, kPathBeneath, &rule, 0) == 0;
  close(tree);
  return added;
}

}  // namespace

int landlock_version() {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  return version > 0 ? static_cast<int>(version) : 0;
}

LandlockPlan landlock_plan(const std::string& python) {
  LandlockPlan plan{landlock_version(), {"/usr", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"}};
  // /usr/lib/python3.11/sitecustomize.py is a link to there.
  char real[PATH_MAX];
  if (realpath(python.c_str(), real) != nullptr) {
    const std::string path = real;
    plan.trees.push_back("/etc" + path.substr(path.rfind('/')));
  }
  return plan;
}

bool restrict_by_landlock(const LandlockPlan& plan) {
  const RulesetAttr all{all_of_files(plan.version), kAllNet, kAllScopes};
  const long ruleset = syscall(SYS_landlock_create_ruleset, &all, size_of_ruleset(plan.version), 0);
  if (ruleset < 0) return false;
  for (const std::string& tree : plan.trees)
    if (!allow_tree(static_cast<int>(ruleset), tree.c_str())) return false;
  const bool restricted = syscall(SYS_landlock_restrict_self, static_cast<int>(ruleset), 0) == 0;
  close(static_cast<int>(ruleset));
  return restricted;
}

}  // namespace am::strategy
