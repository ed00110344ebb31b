<?php
// Runs the scenario of all languages with the classes that openapi-generator generates from openapi.yaml.

declare(strict_types=1);

use Tgo\Api\Api\AccountApi;
use Tgo\Api\Api\APIKeysApi;
use Tgo\Api\Api\ContactsApi;
use Tgo\Api\Api\MessagesApi;
use Tgo\Api\Api\SenderNumbersApi;
use Tgo\Api\Api\UsageApi;
use Tgo\Api\Model\AcceptedMessage;
use Tgo\Api\Model\CreateApiKeyRequest;
use Tgo\Api\Model\MessageLogEntry;
use Tgo\Api\Model\RegisterSenderNumberRequest;
use Tgo\Api\Model\SenderNumber;
use Tgo\Api\Model\SenderNumberUsage;
use Tgo\Api\Model\TextMessage;

require __DIR__ . '/client.php';

error_reporting(E_ALL);
set_error_handler(static function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

$url = read(getenv('TGO_FAKE'))['url'];
$dir = dirname(getenv('TGO_SCENARIO'));
$scenario = read(file_get_contents(getenv('TGO_SCENARIO')));

$failed = false;
foreach ($scenario['steps'] as $step) {
    $wrong = play($step);
    $failed = $failed || $wrong !== null;
    echo "step {$step['name']} ", $wrong === null ? 'ok' : 'FAIL ' . strtr($wrong->getMessage(), "\n", ' '), "\n";
}
exit($failed ? 1 : 0);

/** Makes all calls of a step and returns the first failure. */
function play(array $step): ?Throwable
{
    $first = null;
    foreach ($step['calls'] as $call) {
        for ($i = $call['times'] ?? 1; $i > 0; $i--) {
            try {
                check($call);
            } catch (Throwable $e) {
                $first ??= $e;
            }
        }
    }
    return $first;
}

function check(array $call): void
{
    global $scenario;
    $name = $call['call'];
    try {
        $outcome = ['result' => call($name, $call['with'] ?? [], $scenario['keys'][$call['key'] ?? 'all'])];
    } catch (TgoException $e) {
        $outcome = ['error' => [
            'status' => $e->status, 'message' => $e->getMessage(),
            'fields' => $e->fields, 'required_scopes' => $e->requiredScopes,
        ]];
    }
    compare($name, $call['expect'], $outcome);
    if (isset($call['arrived'])) {
        $arrived = array_column(arrivals(), null, 'id')[$outcome['result']['id']] ?? null;
        compare("$name arrived", $call['arrived'], $arrived);
    }
}

function call(string $name, array $with, string $key): mixed
{
    global $url, $dir;
    $tgo = new Tgo($url, $key);
    switch ($name) {
        case 'send_text':
            $message = new TextMessage($with + ['type' => TextMessage::TYPE_TEXT]);
            return receipt($tgo->explain('sendMessage', fn () => $tgo->api(MessagesApi::class)->sendMessageWithJson($message)));
        case 'send_media':
            return receipt($tgo->explain('sendMessage', fn () => $tgo->api(MessagesApi::class)->sendMessageWithFormData(
                to_phone: $with['to_phone'],
                type: $with['type'],
                sender_phone: $with['sender_phone'] ?? null,
                sender_number_id: $with['sender_number_id'] ?? null,
                content: $with['content'] ?? null,
                duration: $with['duration'] ?? null,
                file_name: $with['file_name'] ?? null,
                file_size: $with['file_size'] ?? null,
                file_type: $with['file_type'] ?? null,
                media: isset($with['file']) ? new SplFileObject("$dir/{$with['file']}") : null,
            )));
        case 'lookup':
            $contact = $tgo->explain('lookupContact', fn () => $tgo->api(ContactsApi::class)->lookupContact(
                $with['phone'],
                $with['sender_phone'] ?? null,
                $with['sender_number_id'] ?? null,
            ));
            return [
                'exists' => $contact->getExists(), 'can_receive' => $contact->getCanReceive(),
                'reason_code' => $contact->getReasonCode(), 'recipient_id' => $contact->getRecipientId(),
                'is_verified' => $contact->getIsVerified(), 'phone_verified_at' => moment($contact->getPhoneVerifiedAt()),
            ];
        case 'log':
            return readLog($tgo);
        case 'usage':
            $usage = $tgo->explain('getUsage', fn () => $tgo->api(UsageApi::class)->getUsage());
            return ['data' => array_map(fn (SenderNumberUsage $n) => [
                'sender_number_id' => $n->getSenderNumberId(), 'sender_phone' => $n->getSenderPhone(),
                'messages_sent' => $n->getMessagesSent(),
            ], $usage->getData())];
        case 'sender_numbers':
            $numbers = $tgo->explain('listSenderNumbers', fn () => $tgo->api(SenderNumbersApi::class)->listSenderNumbers());
            return ['data' => array_map(fn (SenderNumber $n) => [
                'id' => $n->getId(), 'phone' => $n->getPhone(), 'display_name' => $n->getDisplayName(),
                'status' => $n->getStatus(), 'verification_status' => $n->getVerificationStatus(),
            ], $numbers->getData())];
        case 'me':
            $me = $tgo->explain('getMe', fn () => $tgo->api(AccountApi::class)->getMe());
            return [
                'user' => $me->getUser()->getName(), 'api_key' => $me->getApiKey()?->getName(),
                'organization' => $me->getOrganization()->getName(),
                'email_verified' => $me->getOrganization()->getEmailVerified(),
                'subscription' => $me->getSubscription(),
            ];
        case 'subscription':
            $subscription = $tgo->explain('getSubscription', fn () => $tgo->api(AccountApi::class)->getSubscription());
            return [
                'plan' => $subscription->getPlan(), 'status' => $subscription->getStatus(),
                'limits' => $subscription->getLimits(), 'usage_snapshot' => $subscription->getUsageSnapshot(),
            ];
        case 'create_key':
            $wanted = new CreateApiKeyRequest($with);
            $created = $tgo->explain('createApiKey', fn () => $tgo->api(APIKeysApi::class)->createApiKey($wanted));
            return [
                'begins' => substr($created->getPlainTextKey(), 0, 4), 'name' => $created->getData()?->getName(),
                'scopes' => $created->getData()?->getScopes(), 'status' => $created->getData()?->getStatus(),
            ];
        case 'revoke_key':
            $tgo->explain('revokeApiKey', fn () => $tgo->api(APIKeysApi::class)->revokeApiKey($with['id']));
            return [];
        case 'register':
            $new = new RegisterSenderNumberRequest($with);
            $number = $tgo->explain('registerSenderNumber', fn () => $tgo->api(SenderNumbersApi::class)->registerSenderNumber($new));
            return [
                'phone' => $number->getData()->getPhone(), 'display_name' => $number->getData()->getDisplayName(),
                'status' => $number->getData()->getStatus(), 'verified_at' => moment($number->getData()->getVerifiedAt()),
            ];
        case 'raw':
            return get($url . $with['path'], $key);
        case 'arrivals':
            return ['count' => count(arrivals())];
    }
    throw new LogicException('no such call');
}

function readLog(Tgo $tgo): array
{
    $entries = [];
    $page = 0;
    do {
        $page++;
        $read = $tgo->explain('listMessages', fn () => $tgo->api(MessagesApi::class)->listMessages($page));
        array_push($entries, ...$read->getData());
    } while ($read->getLinks()?->getNext() !== null);
    return [
        'pages' => $page,
        'total' => $read->getMeta()?->getTotal(),
        'count' => count($entries),
        'distinct' => count(array_unique(array_map(fn (MessageLogEntry $e) => $e->getId(), $entries))),
        'oldest' => array_map(fn (MessageLogEntry $e) => [
            'sender_number_id' => $e->getSenderNumberId(), 'message_type' => $e->getMessageType(),
            'content' => $e->getContent(), 'status' => $e->getStatus(),
        ], array_slice($entries, -5)),
    ];
}

function receipt(AcceptedMessage $result): array
{
    $m = $result->getData();
    return [
        'id' => $m->getId(), 'sender_number_id' => $m->getSenderNumberId(), 'recipient_user_id' => $m->getRecipientUserId(),
        'message_type' => $m->getMessageType(), 'content' => $m->getContent(), 'status' => $m->getStatus(),
    ];
}

function moment(?DateTime $t): ?string
{
    return $t?->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i:s\Z');
}

/** The messages that the fake has accepted. */
function arrivals(): array
{
    global $url;
    return get(preg_replace('#^(\w+://[^/]+).*#', '$1/_fake/messages', $url), '');
}

/** Reads any JSON, for requests that are not part of the API. */
function get(string $url, string $key): array
{
    return read((string) (new GuzzleHttp\Client())->get($url, ['headers' => ['X-Api-Key' => $key]])->getBody());
}

/** Decodes JSON. Objects and lists both become arrays, so an empty array can be either. */
function read(string $json): array
{
    return json_decode($json, true, flags: JSON_THROW_ON_ERROR);
}

/**
 * Compares a value with the expected one. A map may have more fields than expected, but a map that is expected to be empty
 * must be empty.
 */
function compare(string $path, mixed $want, mixed $got): void
{
    if (is_array($want) && is_array($got) && array_is_list($want) && count($want) === count($got)) {
        foreach ($want as $i => $value) {
            compare("{$path}[$i]", $value, $got[$i] ?? null);
        }
    } elseif (is_array($want) && is_array($got) && !array_is_list($want)) {
        foreach ($want as $name => $value) {
            compare("$path.$name", $value, $got[$name] ?? null);
        }
    } elseif ($want !== $got) {
        throw new UnexpectedValueException("$path is " . json_encode($got) . ', want ' . json_encode($want));
    }
}
