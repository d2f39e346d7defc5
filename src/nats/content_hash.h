// SHA-256 as lower-case hex: the name of a content.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace beeflow {

class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  void Add(std::string_view bytes);
  std::string Hex();  // ends it

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace beeflow
