// An S3 server on loopback for tests: s3rver behind a front that does what s3rver leaves out, and
// what servers do on bad days.
//
//   node server.js FOLDER      prints "PORT" and serves until standard input ends
//
// The front checks every signature (Version 4) with the aws4 library, which is not the code under
// test, and every hash of a body; s3rver checks none. It carries out AbortMultipartUpload, and cuts
// lists into small pages. Buckets: lab, far (in another region), forbidden.
//
// Standard input takes lines of JSON, each answered by one line: a list of the requests that came
// since the last line, as "METHOD URL STATUS". {"faults": [FAULT, ...]} sets what happens to the
// next requests, one fault for each: "pass"; a number, answered as that HTTP status; "cut" (the
// connection is closed at once), "cut-after" (carried out, but the answer is lost), "cut-body"
// (half of the answer), "hang" (no answer), "late-error" (status 200 with an error inside). "page"
// sets how many keys a page of a list has.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const path = require('path');
const readline = require('readline');

const aws4 = require('aws4');
const S3rver = require('s3rver');

const REGION = 'us-east-1';
const KEYS = {
  AKIATEST: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret/with+signs=' },
  ASIATEST: {
    accessKeyId: 'ASIATEST',
    secretAccessKey: 'temporary',
    sessionToken: 'session/token+with=signs//' + 'x'.repeat(600),
  },
};
const SIGNED = new RegExp('^AWS4-HMAC-SHA256 Credential=([^/]+)/\\d{8}/([^/]+)/s3/aws4_request, ' +
  'SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$');

const folder = process.argv[2];
let faults = [];
let seen = [];
let page = 1000;
let backendPort = 0;

function errorBody(code, message, more = '') {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>` +
    `<Message>${message}</Message>${more}</Error>`;
}

function answer(res, status, body = '', headers = {}) {
  res.writeHead(status, { 'Content-Type': 'application/xml', ...headers });
  res.end(body);
}

// What is wrong with the signature, as [status, code, message]; nothing if it is right.
function checkSignature(req, body) {
  const match = SIGNED.exec(req.headers.authorization || '');
  if (!match) return [403, 'AccessDenied', 'no signature'];
  const [, keyId, region, names, signature] = match;
  const key = KEYS[keyId];
  if (!key) return [403, 'InvalidAccessKeyId', 'there is no such key'];
  const headers = {};
  for (const name of names.split(';')) headers[name] = req.headers[name];
  const required = Object.keys(req.headers).filter(name => name.startsWith('x-amz-'));
  if (['host', 'x-amz-date', 'x-amz-content-sha256', ...required].some(n => !headers[n])) {
    return [403, 'SignatureDoesNotMatch', `signed are only ${names}`];
  }
  if ((key.sessionToken || '') !== (headers['x-amz-security-token'] || '')) {
    return [400, 'InvalidToken', 'the session token is wrong'];
  }
  const signer = new aws4.RequestSigner(
    { method: req.method, path: req.url, headers, service: 's3', region }, key);
  if (!signer.sign().headers.Authorization.endsWith(`Signature=${signature}`)) {
    return [403, 'SignatureDoesNotMatch', signer.canonicalString().replace(/&/g, '&amp;')];
  }
  const hash = crypto.createHash('sha256').update(body).digest('hex');
  if (hash !== headers['x-amz-content-sha256']) {
    return [400, 'XAmzContentSHA256Mismatch', 'the body has another hash'];
  }
  if (region !== REGION) {
    return [400, 'AuthorizationHeaderMalformed', `the region '${region}' is wrong`,
      `<Region>${REGION}</Region>`];
  }
  return null;
}

// What the front answers itself, as [status, body, headers].
function ownAnswer(req) {
  const url = new URL(req.url, 'http://localhost');
  const [, bucket] = url.pathname.split('/');
  if (bucket === 'far') {
    return [301, errorBody('PermanentRedirect', 'use another endpoint'),
      { 'x-amz-bucket-region': 'eu-west-1' }];
  }
  if (bucket === 'forbidden') return [403, errorBody('AccessDenied', 'Access Denied')];
  const upload = url.searchParams.get('uploadId');
  if (req.method === 'DELETE' && upload) {
    const parts = path.join(folder, bucket, '._S3rver_uploads', path.basename(upload));
    if (!fs.existsSync(parts)) return [404, errorBody('NoSuchUpload', 'no such upload')];
    fs.rmSync(parts, { recursive: true });
    return [204];
  }
  if (req.method === 'POST' && upload &&
      !fs.existsSync(path.join(folder, bucket, '._S3rver_uploads', path.basename(upload)))) {
    return [404, errorBody('NoSuchUpload', 'no such upload')];
  }
  return null;
}

// Sends the request to s3rver, which knows one account and checks no signature.
function forward(req, body, done) {
  const headers = { ...req.headers, 'content-length': body.length };
  headers.authorization = headers.authorization.replace(/Credential=[^/]+/, 'Credential=S3RVER');
  delete headers.expect;
  const pages = req.url.includes('list-type=2') ? `&max-keys=${page}` : '';
  const options = { port: backendPort, host: '127.0.0.1', method: req.method,
    path: req.url + pages, headers };
  http.request(options, from => {
    const chunks = [];
    from.on('data', chunk => chunks.push(chunk));
    from.on('end', () => done(from.statusCode, from.headers, Buffer.concat(chunks)));
  }).end(body);
}

function finish(res, fault, status, headers, body) {
  if (fault === 'cut-after') return res.destroy();
  delete headers['transfer-encoding'];
  delete headers.connection;
  res.writeHead(status, { ...headers, 'content-length': body.length });
  if (fault !== 'cut-body') return res.end(body);
  return res.write(body.subarray(0, body.length / 2), () => res.destroy());
}

function handle(req, res, body) {
  const fault = faults.shift() || 'pass';
  const entry = { line: `${req.method} ${req.url} ${fault}` };
  seen.push(entry);
  res.on('finish', () => { entry.line = `${req.method} ${req.url} ${res.statusCode}`; });
  if (fault === 'cut') return res.destroy();
  if (fault === 'hang') return undefined;
  if (typeof fault === 'number') {
    return answer(res, fault, errorBody(fault === 503 ? 'SlowDown' : 'InternalError', 'later'));
  }
  if (fault === 'late-error') return answer(res, 200, errorBody('InternalError', 'try again'));
  const wrong = checkSignature(req, body);
  if (wrong) return answer(res, wrong[0], errorBody(...wrong.slice(1)));
  const own = ownAnswer(req);
  if (own && fault !== 'cut-after') return answer(res, ...own);
  return forward(req, body, (...result) => finish(res, fault, ...result));
}

function receive(req, res) {
  const chunks = [];
  req.on('data', chunk => chunks.push(chunk));
  req.on('end', () => handle(req, res, Buffer.concat(chunks)));
}

async function main() {
  const backend = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder,
    vhostBuckets: false, configureBuckets: [{ name: 'lab' }] });
  backendPort = (await backend.run()).port;
  http.createServer(receive).listen(0, '127.0.0.1', function listening() {
    console.log(this.address().port);
  });
  const commands = readline.createInterface({ input: process.stdin });
  commands.on('line', line => {
    const command = JSON.parse(line);
    faults = command.faults || [];
    page = command.page || page;
    console.log(JSON.stringify(seen.map(entry => entry.line)));
    seen = [];
  });
  commands.on('close', () => process.exit(0));
}

main();
