// The rules of `.airflowignore` files: which files and folders below the DAG folder are not looked
// at. Both of Airflow's syntaxes: regular expressions (its default in 2.x), of which any may match
// anywhere in the path; and globs, as in .gitignore, of which the last match decides.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beeflow {

enum class IgnoreSyntax { kRegexp, kGlob };

class IgnoreRules {
 public:
  explicit IgnoreRules(IgnoreSyntax syntax) : syntax_(syntax) {}

  // These rules and those of the ignore file with that text in `folder`. An invalid pattern is
  // skipped and named in `problems`.
  IgnoreRules With(const std::string& folder, std::string_view text,
                   std::vector<std::string>* problems) const;

  // `path` is below the folders of all rules.
  bool Ignores(std::string_view path, bool is_folder) const;

 private:
  struct File;
  IgnoreSyntax syntax_;
  std::vector<std::shared_ptr<const File>> files_;  // outermost folder first
};

}  // namespace beeflow
