// The log of a try: as text, which may be followed while it is written, or in pieces as JSON.
#include <fstream>

#include "api/api_context.h"
#include "api/log_follow.h"
#include "api/query_reader.h"
#include "api/stream_guard.h"
#include "ports/log_path.h"

namespace beeflow {
namespace {

constexpr int64_t kPieceBytes = 4 << 20;  // of one JSON answer
constexpr int64_t kTextBytes = 64 << 20;  // of one text answer

struct LogPiece {
  std::string text;
  int64_t end = 0;   // where it ends in the file
  int64_t size = 0;  // of the file
};

// What a piece ends with of a character in UTF-8 that the next one would end.
void LeaveOutHalfCharacter(std::string* text) {
  constexpr size_t kLongest = 4;
  const auto is_inside = [](char c) { return (c & 0xC0) == 0x80; };
  size_t begin = text->size();
  while (begin > 0 && text->size() - begin < kLongest && is_inside((*text)[begin - 1])) --begin;
  if (begin == 0 || begin + kLongest <= text->size()) return;
  const auto lead = static_cast<unsigned char>((*text)[begin - 1]);
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (text->size() - begin + 1 < bytes) text->resize(begin - 1);
}

// Where there is no such file, a line that says so, as in Airflow: whoever waits for a log asks for
// it before the try has begun.
LogPiece ReadPiece(const std::string& path, int64_t start, int64_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {.text = "*** There is no log file " + path + "\n"};
  file.seekg(0, std::ios::end);
  LogPiece piece;
  piece.size = file.tellg();
  const int64_t first = std::min(start, piece.size);
  piece.text.resize(static_cast<size_t>(std::min(bytes_max, piece.size - first)));
  file.seekg(first);
  file.read(piece.text.data(), static_cast<std::streamsize>(piece.text.size()));
  piece.text.resize(static_cast<size_t>(file.gcount()));
  if (first + file.gcount() < piece.size) LeaveOutHalfCharacter(&piece.text);
  piece.end = first + static_cast<int64_t>(piece.text.size());
  return piece;
}

HttpResponse TextLog(const std::string& path) {
  const int64_t start = std::max<int64_t>(0, ReadPiece(path, 0, 0).size - kTextBytes);
  const LogPiece piece = ReadPiece(path, start, kTextBytes);
  const std::string note = start > 0 ? "*** The first " + std::to_string(start) +
                                           " bytes are left out; see " + path + "\n"
                                     : "";
  return {200, "text/plain; charset=utf-8", note + piece.text};
}

// The token is where to go on in the file; it is there until the end is reached.
HttpResponse JsonLog(const std::string& path, int64_t start, int64_t bytes_max) {
  const LogPiece piece = ReadPiece(path, start, bytes_max);
  return JsonResponse({{"content", piece.text}, {"continuation_token", std::to_string(piece.end)}});
}

// A stream outlives its call: it borrows a connection whenever it looks whether the try has ended.
HttpResponse FollowLog(const ApiCall& call, const std::string& path, const RunKey& run,
                       const std::string& task_id, int map_index, int try_number) {
  HttpResponse response{200, "text/plain; charset=utf-8"};
  response.stream = [&context = call.context(), guard = std::make_shared<StreamGuard>(call), path,
                     run, task_id, map_index, try_number](const HttpWrite& write) {
    const auto wait = context.options().watch_file(path);
    const auto has_ended = [&] {
      const auto history = context.histories().Borrow();
      if (!history.ok()) return true;
      const auto task = (*history)->Task(run, task_id, map_index);
      return !task.ok() || HasTryEnded(task->info.record, try_number);
    };
    FollowFile(path, wait.get(), has_ended,
               [&](std::string_view part) { return guard->MayGoOn() && write(part); });
  };
  return response;
}

// Absent where the text is no number of a try.
std::optional<int> ReadTryNumber(const std::string& text) {
  constexpr size_t kDigits = 6;
  const bool number = !text.empty() && text.size() <= kDigits &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoi(text) < 1) return std::nullopt;
  return std::stoi(text);
}

HttpResponse GetLog(ApiCall& call) {
  const HttpRequest& request = call.request();
  const auto catalog = call.catalog();
  if (!catalog.ok()) return ErrorResponse(catalog.error());
  QueryReader query(request);
  const bool full = query.Boolean("full_content").value_or(false);
  const bool follow = query.Boolean("follow").value_or(false);
  const auto map_index = static_cast<int>(query.Integer("map_index", -1, -1, INT32_MAX));
  const int64_t start = query.Integer("token", 0, 0, INT64_MAX);
  if (const Status status = query.Finish(); !status.ok()) return ErrorResponse(status.error());
  const RunKey run{request.Field("dag_id"), request.Field("dag_run_id")};
  const std::string& task_id = request.Field("task_id");
  const auto task = (*catalog)->Task(run, task_id, map_index);
  if (!task.ok()) return ErrorResponse(task.error());
  const int latest = std::max(1, task->record.try_number);
  const auto try_number = ReadTryNumber(request.Field("task_try_number"));
  if (!try_number) {
    return ErrorResponse(NotFound("'" + request.Field("task_try_number") +
                                  "' is no number of a try; the latest of task '" + task_id +
                                  "' is " + std::to_string(latest)));
  }
  const std::string path = call.context().options().log_folder + "/" +
                           AttemptLogPath(run, task_id, map_index, *try_number);
  const bool wants_json = request.Header("accept").find("application/json") != std::string::npos;
  if (follow && !wants_json && *try_number <= latest) {
    return FollowLog(call, path, run, task_id, map_index, *try_number);
  }
  return wants_json ? JsonLog(path, full ? 0 : start, full ? kTextBytes : kPieceBytes)
                    : TextLog(path);
}

}  // namespace

void AddLogRoutes(ApiRoutes* routes) {
  Operation log{
      "GET",
      "/api/v1/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{task_try_number}",
      "get_log",
      "The log of a try, as text or, where JSON is accepted, in pieces",
      {{Action::kRead, resource::kDag},
       {Action::kRead, resource::kDagRun},
       {Action::kRead, resource::kTaskInstance},
       {Action::kRead, resource::kTaskLog}},
      {{"full_content", ParameterType::kBoolean, "All at once."},
       {"follow", ParameterType::kBoolean, "As text, with what is written until the end."},
       {"map_index", ParameterType::kInteger, "Of an instance of a mapped task."},
       {"token", ParameterType::kText, "Where the piece before ended."}}};
  log.answer_type = "text/plain";
  routes->Add(log, GetLog);
}

}  // namespace beeflow
