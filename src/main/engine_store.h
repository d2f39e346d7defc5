// The engine's Store, and how it learns that others have changed the database.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "config/config.h"
#include "store/sql/sql_store.h"

namespace beeflow {

class EngineStore {
 public:
  virtual ~EngineStore() = default;
  virtual SqlStore& store() = 0;
  // Tells control processes on this database apart: the later one has the higher number. The same
  // whenever it is asked.
  virtual Result<int64_t> Epoch() = 0;

  struct Callbacks {
    // There are changes that others have committed. Never from within a call of the store.
    std::function<void()> changed;
    // The feed has ended, and another control process may work by now: this one has to stop.
    std::function<void(const Error&)> lost;
  };

  // On the database of the configuration, which exists. Of several control processes on one
  // PostgreSQL database one works: this waits for its turn, and runs the io_context meanwhile;
  // kUnavailable where that is stopped before.
  static Result<std::unique_ptr<EngineStore>> Open(asio::io_context& io, const Config& config,
                                                   Callbacks callbacks);
};

}  // namespace beeflow
