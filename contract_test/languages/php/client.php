<?php
// What to write by hand around the generated classes: a client with a key, and one exception.

declare(strict_types=1);

require 'GuzzleHttp/autoload.php'; // Debian's; with Composer it is vendor/autoload.php, which knows the generated classes too
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
     * @param list<string> $requiredScopes of a 403: the scopes that the key must have
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
    private readonly GuzzleHttp\Client $http;
    private readonly Tgo\Api\Configuration $configuration;

    /** @param array<string, list<string>> $scopes what each operation needs, by operationId */
    public function __construct(string $url, string $key, private readonly array $scopes)
    {
        $this->http = new GuzzleHttp\Client([
            'allow_redirects' => false, // one would take the key along to another host
            'curl' => [CURLOPT_FORBID_REUSE => true], // curl repeats what it sent on a connection that turns out dead
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

    /** Makes a call and turns the generated exception into ours, where it is an answer of the API. */
    public function explain(string $operation, callable $call): mixed
    {
        try {
            return $call();
        } catch (Tgo\Api\ApiException $e) {
            $said = json_decode((string) $e->getResponseBody());
            if (!is_object($said)) {
                throw $e; // no answer, or a proxy's HTML
            }
            /** @var Tgo\Api\Model\Error $error */
            $error = Tgo\Api\ObjectSerializer::deserialize($said, Tgo\Api\Model\Error::class);
            $needed = $e->getCode() === 403 ? $this->scopes[$operation] ?? [] : [];
            throw new TgoException($e->getCode(), $error->getMessage(), $error->getErrors() ?? [], $needed);
        }
    }
}
