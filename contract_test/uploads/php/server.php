<?php
// The upload endpoint as a PHP application implements it: with $_POST and $_FILES, which PHP's own multipart parser fills. It is the router
// script of `php -S`. For each request it prints a line of JSON with what it has read.

const ANSWER = '{"data":{"id":1,"sender_number_id":1,"recipient_user_id":1,"conversation_id":1,"message_id":1,'
  . '"message_type":"document","content":null,"status":"sent","sent_at":"2025-01-10T08:00:00Z"}}';

header('Content-Type: application/json');
if ($_SERVER['REQUEST_METHOD'] !== 'POST' || $_SERVER['REQUEST_URI'] !== '/api/v1/messages') {
  http_response_code(404);
  echo '{"message":"not here"}';
  return;
}

$files = [];
foreach ($_FILES as $field => $file) {
  $ok = $file['error'] === UPLOAD_ERR_OK;
  $files[] = [
    'field' => $field,
    'name' => $file['name'],
    'type' => $file['type'],
    'size' => $file['size'],
    'sha256' => $ok ? hash_file('sha256', $file['tmp_name']) : 'upload error ' . $file['error'],
  ];
}
$report = [
  'version' => 'PHP ' . PHP_VERSION,
  'fields' => (object) array_map(fn ($value) => [$value], $_POST), // PHP keeps only one value for each name
  'files' => $files,
];
$line = json_encode($report, JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
file_put_contents('php://stdout', $line . "\n");
echo ANSWER;
