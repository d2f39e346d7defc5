// Answers questions about cron schedules, one per line of standard input, for cron_oracle.py to
// compare with croniter. A question is "expression|zone|start|n", with the start in ISO 8601. The
// answer is one line of JSON:
//
//   next, previous   n times each, from the start on; each found from the one before it
//   manual           the data interval of a run triggered at the start
//   catchup          the data intervals of the first n runs of a DAG that starts at the start
//   latest           the interval of the first run without catchup, where the start is now
//
// or {"error": message}.
#include <charconv>
#include <iostream>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "timetable/timetable.h"

namespace beeflow {
namespace {

struct Question {
  std::string expression;
  std::string zone;
  Time start;
  int count = 0;
};

Result<Question> ParseQuestion(const std::string& line) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == '|') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() != 4) return Invalid("'" + line + "' is not expression|zone|start|n");
  BEEFLOW_ASSIGN_OR_RETURN(const Time start, ParseTime(parts[2]));
  int count = 0;
  std::from_chars(parts[3].data(), parts[3].data() + parts[3].size(), count);
  return Question{parts[0], parts[1], start, count};
}

Json IntervalJson(const DataInterval& interval) {
  return {FormatIso(interval.start), FormatIso(interval.end)};
}

Json CatchupIntervals(const Timetable& timetable, const Question& question) {
  Json intervals = Json::array();
  std::optional<DataInterval> last;
  for (int i = 0; i < question.count; ++i) {
    const auto run = timetable.Next(last, {question.start, std::nullopt, true}, question.start);
    last = run->interval;
    intervals.push_back(IntervalJson(*last));
  }
  return intervals;
}

Result<Json> Answer(const std::string& line) {
  BEEFLOW_ASSIGN_OR_RETURN(const Question question, ParseQuestion(line));
  BEEFLOW_ASSIGN_OR_RETURN(const Cron cron, Cron::Parse(question.expression));
  BEEFLOW_ASSIGN_OR_RETURN(const Zone zone, Zone::Find(question.zone));
  BEEFLOW_ASSIGN_OR_RETURN(const Timetable timetable,
                           Timetable::FromCron(question.expression, question.zone));
  const CronSchedule schedule(question.expression, cron, zone);
  Json next = Json::array();
  Json previous = Json::array();
  Time forward = question.start;
  Time backward = question.start;
  for (int i = 0; i < question.count; ++i) {
    forward = schedule.Next(forward);
    backward = schedule.Previous(backward);
    next.push_back(FormatIso(forward));
    previous.push_back(FormatIso(backward));
  }
  const auto latest =
      timetable.Next(std::nullopt, {std::nullopt, std::nullopt, false}, question.start);
  return Json{{"next", next},
              {"previous", previous},
              {"manual", IntervalJson(timetable.InferManualInterval(question.start))},
              {"catchup", CatchupIntervals(timetable, question)},
              {"latest", IntervalJson(latest->interval)}};
}

}  // namespace
}  // namespace beeflow

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    auto answer = beeflow::Answer(line);
    if (!answer.ok()) answer = beeflow::Json{{"error", answer.error().message}};
    std::cout << beeflow::DumpJson(*answer) << std::endl;
  }
}
