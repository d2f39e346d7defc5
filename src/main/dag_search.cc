#include "main/dag_search.h"

#include <asio/io_context.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "os/file_watcher.h"

namespace beeflow {
namespace {

enum class Likelihood { kQuoted, kWord, kNone };
constexpr size_t kLikelihoods = 3;

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

// How the id stands in the text, at its best place.
Likelihood Look(std::string_view text, std::string_view dag_id) {
  Likelihood best = Likelihood::kNone;
  for (size_t at = text.find(dag_id); at != std::string_view::npos;
       at = text.find(dag_id, at + 1)) {
    const char before = at > 0 ? text[at - 1] : '\n';
    const char after = at + dag_id.size() < text.size() ? text[at + dag_id.size()] : '\n';
    if (before == after && (before == '"' || before == '\'')) return Likelihood::kQuoted;
    if (!IsWordCharacter(before) && !IsWordCharacter(after)) best = Likelihood::kWord;
  }
  return best;
}

}  // namespace

DagSearch::DagSearch(const Config& config, std::string dag_id, std::string known_file)
    : config_(config), dag_id_(std::move(dag_id)), known_file_(std::move(known_file)) {
  if (!known_file_.empty()) groups_ = {{known_file_}};
}

Result<std::vector<std::string>> DagSearch::Next() {
  if (groups_.empty() && !std::exchange(sorted_, true)) BEEFLOW_RETURN_IF_ERROR(Sort());
  while (!groups_.empty()) {
    std::vector<std::string> group = std::move(groups_.back());
    groups_.pop_back();
    if (!group.empty()) return group;
  }
  return std::vector<std::string>();
}

Status DagSearch::Sort() {
  asio::io_context io;  // never run: the watcher is here for the list of files alone
  FileWatcher::Callbacks callbacks;
  callbacks.warning = [](const std::string&) {};
  FileWatcher folder(io, config_.Text("core", "dags_folder"), IgnoreSyntax::kRegexp,
                     std::move(callbacks));
  BEEFLOW_ASSIGN_OR_RETURN(const std::vector<std::string> files, folder.Start());
  groups_.resize(kLikelihoods);
  for (const std::string& file : files) {
    if (file == known_file_) continue;
    const Likelihood likelihood = Look(ReadText(file), dag_id_);
    groups_[kLikelihoods - 1 - static_cast<size_t>(likelihood)].push_back(file);
  }
  return Ok();
}

}  // namespace beeflow
