'use strict';
// The upload endpoint as a Node application sees it, with busboy, the parser that multer and the plugins of the large
// frameworks are built on. It prints its port, then each request's findings, a line of JSON each.

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
      return; // busboy closes after an error, too
    }
    answered = true;
    process.stdout.write(JSON.stringify(report) + '\n', () => answer(res, status, body));
  };
  // Without defParamCharset busboy takes file names for Latin-1. Browsers send UTF-8 without saying so, just as we do,
  // so every application that is fit for more than English sets it.
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
