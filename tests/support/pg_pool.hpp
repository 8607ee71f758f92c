#pragma once
// Migrated databases that the tests of a cluster share, one test at a time: making one costs ten times what emptying
// does. Whoever borrows one gets it as if it were new: no row, sequences at their start, and none but the program's own
// tables, rights and settings. What another test left otherwise is dropped, and one more is made from the template.

#include <memory>
#include <string>

#include "am/kernel/db.hpp"

namespace am::test {

struct BorrowedDatabase {
  std::string name;
  std::unique_ptr<kernel::Db>
      keeper;  ///< connected elsewhere; given back when it is closed, whatever ends the process
};

BorrowedDatabase borrow_database();

}  // namespace am::test
