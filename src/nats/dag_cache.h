// A worker's copies of the DAG folder: one folder for each version, read-only, made of links to
// contents that are kept by hash, so that versions share what they have in common. What is missing
// is asked of control. Versions that nobody uses are removed, the oldest first, beyond a number.
//
//   ROOT/contents/HASH
//   ROOT/versions/VERSION/dags, .../plugins
//
// Threads: all on one thread. No callback comes from within Get.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

class DagCache {
 public:
  struct Folder {
    std::string version;  // the one that was asked for, or a later one
    std::string path;     // holds `dags` and `plugins`
  };
  using Done = std::function<void(const Result<Folder>& folder)>;

  // `ask` sends a `manifest` or `file` message of docs/formats/nats.md to control.
  DagCache(asio::io_context& io, std::string root, std::function<void(const Json&)> ask);
  ~DagCache() { *alive_ = false; }

  // Counts as a use of the version that it gets.
  void Get(const std::string& version, Done done);
  void Release(const std::string& version);
  // Control's answers.
  void OnManifest(const Json& manifest);
  void OnFile(const Json& message, const std::string& bytes);
  // Asks again: a question or its answer may be lost.
  void AskAgain();
  bool is_waiting() const { return !waiting_.empty(); }

 private:
  struct Entry {
    std::string path, hash;
    bool is_executable = false;
  };
  struct Waiting {
    std::string version;
    Done done;
  };

  std::string ContentPath(const std::string& hash) const { return root_ + "/contents/" + hash; }
  std::string VersionPath(const std::string& version) const {
    return root_ + "/versions/" + version;
  }
  void Begin();
  void Next();
  void Finish(const std::string& version);
  void Fail(const std::string& reason);
  Status Build(const std::string& version) const;
  Status Save(const std::string& bytes);
  void RemoveOld();
  void RemoveUnusedContents() const;

  asio::io_context& io_;
  const std::string root_;
  const std::function<void(const Json&)> ask_;
  std::deque<Waiting> waiting_;       // the first is being worked on
  std::string making_;                // the version, once its manifest is known
  std::vector<Entry> entries_;        // of it
  std::vector<std::string> missing_;  // contents, the last one first
  int64_t received_ = 0;              // of the content that is being received
  int changes_ = 0;                   // of the DAG folder while it was read
  std::map<std::string, int> uses_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace beeflow
