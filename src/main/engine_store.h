// The engine's Store, and how it learns that others have changed the database.
//
// Threads: all on the thread of the io_context.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>

#include "config/config.h"
#include "store/sql/sql_store.h"

namespace beeflow {

class EngineStore {
 public:
  virtual ~EngineStore() = default;
  virtual SqlStore& store() = 0;

  // On the database of the configuration, which exists. `changed` is called when there are
  // changes that others have committed, never from within a call of the store.
  static Result<std::unique_ptr<EngineStore>> Open(asio::io_context& io, const Config& config,
                                                   std::function<void()> changed);
};

}  // namespace beeflow
