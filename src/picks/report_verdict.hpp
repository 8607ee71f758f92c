#pragma once
// What the verdict and the figures beside it are made from: the batches of a group and the closes of their price sources.
// Private.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "am/picks/report.hpp"

namespace am::picks {

/// Closes and betas of every price source of a report; each source is asked for once.
class SourceBooks {
 public:
  SourceBooks(const std::vector<BatchHistory>& histories, const ClosesOf& closes_of);

  /// A pick's beta in its batch.
  const Beta& beta(const BatchHistory& history, const std::string& ticker) const;
  const SourceCloses& closes(const std::string& source) const { return *books_.at(source).closes; }
  Betas& betas(const std::string& source) const { return *books_.at(source).betas; }
  /// Why sources cannot be read, each once.
  std::vector<std::string> problems() const;

 private:
  struct Book {
    std::unique_ptr<SourceCloses> none;  ///< where nothing is known
    const SourceCloses* closes = nullptr;
    std::unique_ptr<Betas> betas;
  };
  std::map<std::string, Book> books_;
};

/// A group's batches, by run date, and the source of all of them; empty: there are several.
struct GroupMembers {
  std::vector<const BatchHistory*> histories;
  std::string source() const;
};

/// Fills what GroupLine says of the verdict, and gives the beta-adjusted series.
WeeklySeries judge(GroupLine& group, const GroupMembers& members, const SourceBooks& books, bool is_range);

/// Leagues of the groups that share a source: those that leave kMinWeeks weeks in common, the longest series first. Each
/// group of the source entered, whether it is still there or not.
std::vector<LeagueOfGroups> leagues_of(const std::vector<GroupMembers>& members,
                                       const std::vector<WeeklySeries>& series, const SourceBooks& books);

}  // namespace am::picks
