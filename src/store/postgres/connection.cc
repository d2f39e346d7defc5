#include "store/postgres/connection.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace beeflow::postgres {
namespace {

// From the end of the Unix epoch's year 1970 to PostgreSQL's, 2000.
constexpr int64_t kEpochMicros = 946'684'800'000'000;

// Results that wait to be read are bounded, so that neither side waits for the other for ever.
constexpr int kInFlightMax = 256;

// Types of columns (catalog/pg_type.dat of PostgreSQL).
constexpr Oid kBool = 16;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kOid = 26;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kTimestampTz = 1184;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// By SQLSTATE (PostgreSQL's documentation, appendix A); "" where the server said nothing.
ErrorCode CodeOf(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  if (state.empty() || group == "08" || group == "53" || group == "57" || group == "58") {
    return ErrorCode::kUnavailable;
  }
  constexpr std::array<std::string_view, 5> kTryAgain = {"40001", "40P01", "55P03", "25P03",
                                                         "55006"};
  if (std::find(kTryAgain.begin(), kTryAgain.end(), state) != kTryAgain.end()) {
    return ErrorCode::kUnavailable;
  }
  if (group == "23") return ErrorCode::kConflict;
  if (group == "28" || state == "3D000" || state == "42501" || state == "25006") {
    return ErrorCode::kInvalid;
  }
  return ErrorCode::kInternal;
}

// Such a connection reaches the server itself, and knows no parameters.
bool IsReplication(const Connection::Options& options) {
  return std::any_of(options.begin(), options.end(),
                     [](const auto& option) { return option.first == "replication"; });
}

std::string Trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

const char* const* Parameters::Pointers() {
  pointers_.clear();
  for (const auto& value : values_) pointers_.push_back(value ? value->c_str() : nullptr);
  return pointers_.data();
}

std::string WithoutPassword(const std::string& url) {
  const size_t start = url.find("://");
  const size_t at = url.find('@');
  if (start == std::string::npos || at == std::string::npos) return url;
  const size_t colon = url.find(':', start + 3);
  if (colon == std::string::npos || colon > at) return url;
  return url.substr(0, colon) + url.substr(at);
}

bool IsPostgresUrl(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://") ||
         url.starts_with("postgresql+");
}

std::string LibpqUrl(const std::string& url) {
  const size_t colon = url.find("://");
  if (colon == std::string::npos) return url;
  return "postgresql" + url.substr(colon);
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& url,
                                                     const Options& options) {
  const std::string plain = LibpqUrl(url);
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : options) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  const auto add = [&](const char* key, const char* value) {
    keys.push_back(key);
    values.push_back(value);
  };
  add("client_encoding", "UTF8");
  add("connect_timeout", "10");
  add("keepalives_idle", "10");
  add("keepalives_interval", "5");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "15000");
  add("fallback_application_name", "beeflow");
  add("dbname", plain.c_str());  // last: what the URL says wins
  add(nullptr, nullptr);
  PGconn* handle = PQconnectdbParams(keys.data(), values.data(), 1);
  std::unique_ptr<Connection> connection(new Connection(handle, WithoutPassword(plain)));
  if (!handle) return Unavailable("out of memory");
  if (connection->is_broken()) return connection->Failure(nullptr);
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);
  if (!IsReplication(options)) BEEFLOW_RETURN_IF_ERROR(connection->FindOutAboutPooler());
  return connection;
}

Status Connection::FindOutAboutPooler() {
  BEEFLOW_ASSIGN_OR_RETURN(const int64_t pid, QueryInteger("SELECT pg_backend_pid()"));
  is_pooled_ = pid != PQbackendPID(handle_);
  return Ok();
}

Error Connection::Failure(const PGresult* result) const {
  const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  std::string said = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
                                  ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
                                  : PQresultErrorMessage(result)
                            : PQerrorMessage(handle_);
  if (said.empty()) said = PQerrorMessage(handle_);
  if (is_broken() && said.empty()) said = "the connection is lost";
  return {CodeOf(state && !is_broken() ? state : ""), "database " + name_ + ": " + Trimmed(said)};
}

// The name of a statement that is used again; "" where it is new to the server.
std::string Connection::KnownName(const char* key) const {
  const auto known = prepared_.find(key);
  return known == prepared_.end() ? "" : known->second;
}

std::string Connection::NewName() { return "s" + std::to_string(++last_name_); }

Status Connection::Send(const StatementText& text, Parameters* parameters) {
  if (in_flight_ >= kInFlightMax) BEEFLOW_RETURN_IF_ERROR(Await());
  const char* const* values = parameters->Pointers();
  int sent = 1;
  if (!text.key || is_pooled_) {
    sent = PQsendQueryParams(handle_, text.sql.c_str(), parameters->size(), nullptr, values,
                             nullptr, nullptr, 1);
  } else {
    std::string name = KnownName(text.key);
    if (name.empty()) {
      name = NewName();
      prepared_.emplace(text.key, name);
      unconfirmed_.push_back(text.key);
      sent = PQsendPrepare(handle_, name.c_str(), text.sql.c_str(), 0, nullptr);
      in_flight_ += sent;
    }
    if (sent == 1) {
      sent = PQsendQueryPrepared(handle_, name.c_str(), parameters->size(), values, nullptr,
                                 nullptr, 1);
    }
  }
  if (sent != 1) return Failure(nullptr);
  ++in_flight_;
  return Ok();
}

// Reads the results that are to come; the last one, or the first failure, behind which the server
// skips all until a synchronization point.
Result<ResultPtr> Connection::ReadResults() {
  ResultPtr last;
  std::optional<Error> failure;
  while (in_flight_ > 0) {
    ResultPtr result(PQgetResult(handle_));
    if (!result && is_broken()) return Failure(nullptr);
    if (!result) continue;  // the end of one statement's results
    --in_flight_;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      last = std::move(result);
    } else if (!failure) {
      failure = Failure(result.get());
    }
  }
  if (!failure) {
    unconfirmed_.clear();
    return last;
  }
  for (const char* key : unconfirmed_) prepared_.erase(key);
  unconfirmed_.clear();
  return *failure;
}

Result<ResultPtr> Connection::Await() {
  if (PQsendFlushRequest(handle_) != 1 || PQflush(handle_) < 0) return Failure(nullptr);
  return ReadResults();
}

Result<ResultPtr> Connection::Query(const StatementText& text, Parameters* parameters) {
  if (PQpipelineStatus(handle_) != PQ_PIPELINE_OFF) {
    BEEFLOW_RETURN_IF_ERROR(Send(text, parameters));
    return Await();
  }
  const char* const* values = parameters->Pointers();
  ResultPtr result;
  if (!text.key || is_pooled_) {
    result.reset(PQexecParams(handle_, text.sql.c_str(), parameters->size(), nullptr, values,
                              nullptr, nullptr, 1));
  } else {
    std::string name = KnownName(text.key);
    if (name.empty()) {
      name = NewName();
      result.reset(PQprepare(handle_, name.c_str(), text.sql.c_str(), 0, nullptr));
      if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return Failure(result.get());
      prepared_.emplace(text.key, name);
    }
    result.reset(
        PQexecPrepared(handle_, name.c_str(), parameters->size(), values, nullptr, nullptr, 1));
  }
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return Failure(result.get());
  return result;
}

Result<int64_t> Connection::QueryInteger(const std::string& sql) {
  Parameters none;
  BEEFLOW_ASSIGN_OR_RETURN(const ResultPtr result, Query({sql}, &none));
  if (PQntuples(result.get()) == 0) return int64_t{0};
  return Cell(result.get(), 0, 0).Integer();
}

Status Connection::ExecuteScript(const std::string& sql) {
  const ResultPtr result(PQexec(handle_, sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
    return Ok();
  }
  return Failure(result.get());
}

Status Connection::BeginPipeline() {
  return PQenterPipelineMode(handle_) == 1 ? Ok() : Status(Failure(nullptr));
}

Status Connection::EndPipeline() {
  if (is_broken() || PQpipelineSync(handle_) != 1) return Failure(nullptr);
  const auto results = ReadResults();
  while (true) {
    const ResultPtr result(PQgetResult(handle_));
    if (!result && is_broken()) return Failure(nullptr);
    if (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) break;
  }
  if (PQexitPipelineMode(handle_) != 1) return Failure(nullptr);
  return results.ok() ? Ok() : Status(results.error());
}

int64_t Cell::Integer() const {
  if (is_null()) return 0;
  const std::string_view raw = bytes();
  switch (type()) {
    case kBool:
      return raw[0] != 0;
    case kInt2:
      return static_cast<int16_t>(BigEndian(raw));
    case kInt4:
      return static_cast<int32_t>(BigEndian(raw));
    case kOid:
    case kInt8:
      return static_cast<int64_t>(BigEndian(raw));
    case kFloat4:
    case kFloat8:
      return static_cast<int64_t>(Real());
    default:
      return std::strtoll(std::string(raw).c_str(), nullptr, 10);
  }
}

double Cell::Real() const {
  if (is_null()) return 0;
  const std::string_view raw = bytes();
  switch (type()) {
    case kFloat8:
      return std::bit_cast<double>(BigEndian(raw));
    case kFloat4:
      return std::bit_cast<float>(static_cast<uint32_t>(BigEndian(raw)));
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
      return static_cast<double>(Integer());
    default:
      return std::strtod(std::string(raw).c_str(), nullptr);
  }
}

std::optional<Time> Cell::AsTime() const {
  if (is_null()) return std::nullopt;
  if (type() == kTimestampTz) {
    const auto since_2000 = static_cast<int64_t>(BigEndian(bytes()));
    return Time(std::chrono::microseconds(since_2000 + kEpochMicros));
  }
  std::string buffer;
  const auto time = ParseTime(Text(&buffer));
  return time.ok() ? std::optional<Time>(*time) : std::nullopt;
}

std::string_view Cell::Text(std::string* buffer) const {
  if (is_null()) return {};
  switch (type()) {
    case kTimestampTz:
      *buffer = FormatSql(*AsTime());
      return *buffer;
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
      *buffer = std::to_string(Integer());
      return *buffer;
    case kFloat4:
    case kFloat8:
      *buffer = std::to_string(Real());
      return *buffer;
    default:
      return bytes();
  }
}

}  // namespace beeflow::postgres
