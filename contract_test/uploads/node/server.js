'use strict';
// The upload endpoint as a Node application implements it, with busboy, the parser that multer and the plugins of the large frameworks
// use. It prints its port, and then for each request a line of JSON with what it has read.

const crypto = require('node:crypto');
const http = require('node:http');
const busboy = require('busboy');
const { version } = require('busboy/package.json');

const ANSWER = {
  data: {
    id: 1,
    sender_number_id: 1,
    recipient_user_id: 1,
    conversation_id: 1,
    message_id: 1,
    message_type: 'document',
    content: null,
    status: 'sent',
    sent_at: '2025-01-10T08:00:00Z',
  },
};

function answer(res, status, body) {
  res.writeHead(status, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(body));
}

function receive(req, res) {
  const report = { version: `Node ${process.versions.node}, busboy ${version}`, fields: {}, files: [] };
  let answered = false;
  const done = (status, body) => {
    if (answered) {
      return; // busboy also emits "close" after an error
    }
    answered = true;
    process.stdout.write(JSON.stringify(report) + '\n', () => answer(res, status, body));
  };
  // Without defParamCharset, busboy reads file names as Latin-1. Browsers send UTF-8 without declaring it, as the client does, so
  // applications for other languages than English must set it.
  const parser = busboy({ headers: req.headers, defParamCharset: 'utf8' });
  parser.on('field', (name, value, info) => {
    (report.fields[name] ??= []).push(value);
    if (info.nameTruncated || info.valueTruncated) {
      report.error = `field ${name} was cut`;
    }
  });
  parser.on('file', (field, stream, info) => {
    const hash = crypto.createHash('sha256');
    let size = 0;
    stream.on('data', (chunk) => {
      size += chunk.length;
      hash.update(chunk);
    });
    stream.on('end', () => {
      report.files.push({ field, name: info.filename, type: info.mimeType, size, sha256: hash.digest('hex') });
    });
  });
  parser.on('error', (err) => {
    req.unpipe(parser).resume();
    report.error = err.message;
    done(400, { message: err.message });
  });
  parser.on('close', () => done(201, ANSWER));
  req.pipe(parser);
}

const server = http.createServer((req, res) => {
  if (req.method === 'POST' && req.url === '/api/v1/messages') {
    receive(req, res);
  } else {
    answer(res, 404, { message: 'not here' });
  }
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
