#include "main/answer_task.h"

namespace beeflow {

void AnswerTask(const RequestContext& context, DagCode* dag_code, const std::string& method,
                const Json& params, const std::function<void(const Result<Json>&)>& respond) {
  const auto question = FindQuestion(context, method, params);
  if (!question.ok()) return respond(question.error());
  if (!*question) return respond(AnswerRequest(context, method, params));
  dag_code->AskManualInterval(**question, [=](const Result<DataInterval>& interval) {
    if (!interval.ok()) return respond(interval.error());
    RequestContext informed = context;
    informed.manual_interval = *interval;
    respond(AnswerRequest(informed, method, params));
  });
}

}  // namespace beeflow
