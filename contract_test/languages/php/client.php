<?php
// The hand-written part around the generated classes: a client with a key, and one exception. Copy it.

declare(strict_types=1);

require 'GuzzleHttp/autoload.php'; // Debian's path. With Composer it is vendor/autoload.php, which loads the generated classes too
spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/generated/lib/' . strtr(substr($class, strlen('Tgo\\Api\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'Tgo\\Api\\') && is_file($file)) {
        require $file;
    }
});

/** A refusal by the API. */
final class TgoException extends RuntimeException
{
    /**
     * @param array<string, list<string>> $fields
     * @param list<string> $requiredScopes the scopes that the key needs; set for a 403 only
     */
    public function __construct(
        public readonly int $status,
        string $message,
        public readonly array $fields,
        public readonly array $requiredScopes,
    ) {
        parent::__construct($message, $status);
    }
}

final class Tgo
{
    /** The scopes that each operation requires: x-required-scopes in openapi.yaml, which the generator drops. */
    private const REQUIRED_SCOPES = [
        'sendMessage' => ['messages.send'],
        'listMessages' => ['messages.read'],
        'lookupContact' => ['contacts.lookup'],
        'getUsage' => ['usage.read'],
        'registerSenderNumber' => ['messages.send'],
    ];

    private readonly GuzzleHttp\Client $http;
    private readonly Tgo\Api\Configuration $configuration;

    public function __construct(string $url, string $key)
    {
        $this->http = new GuzzleHttp\Client([
            'allow_redirects' => false, // a redirect would send the key to another host
            'curl' => [CURLOPT_FORBID_REUSE => true], // curl repeats a request if a kept connection turns out to be closed
        ]);
        $this->configuration = (new Tgo\Api\Configuration())->setHost($url)->setApiKey('X-Api-Key', $key);
    }

    /**
     * One of the generated classes.
     *
     * @template T
     * @param class-string<T> $class
     * @return T
     */
    public function api(string $class): object
    {
        return new $class($this->http, $this->configuration);
    }

    /** Makes a call. Throws a TgoException in place of the generated exception if the API refused the request. */
    public function explain(string $operation, callable $call): mixed
    {
        try {
            return $call();
        } catch (Tgo\Api\ApiException $e) {
            $said = json_decode((string) $e->getResponseBody());
            if (!is_object($said)) {
                throw $e; // no response, or the HTML page of a proxy
            }
            /** @var Tgo\Api\Model\Error $error */
            $error = Tgo\Api\ObjectSerializer::deserialize($said, Tgo\Api\Model\Error::class);
            $needed = $e->getCode() === 403 ? self::REQUIRED_SCOPES[$operation] ?? [] : [];
            throw new TgoException($e->getCode(), $error->getMessage(), $error->getErrors() ?? [], $needed);
        }
    }
}
