// How to reach a NATS server, and as whom.
#pragma once

#include <string>

namespace beeflow {

struct NatsOptions {
  std::string urls;              // "nats://host:4222,nats://other:4222"; tls:// demands TLS
  std::string name;              // of this client, for those who look at the server
  std::string user, password;    // "": none, or as a URL says
  std::string credentials_file;  // with a JWT and its nkey seed; "": none
  std::string nkey;              // public nkey; "": none
  std::string nkey_seed_file;    // of the nkey
  std::string ca_file;           // trusted authorities, PEM; "": the system's
  // That the servers' certificates must have; "": the host of the URLs, which must be one then.
  std::string server_name;
  std::string certificate_file;  // our own, PEM; "": none
  std::string key_file;
};

}  // namespace beeflow
