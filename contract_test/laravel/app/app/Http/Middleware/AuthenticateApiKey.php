<?php

namespace App\Http\Middleware;

use App\Models\ApiKey;
use App\Models\Organization;
use Closure;
use Illuminate\Auth\AuthenticationException;
use Illuminate\Contracts\Auth\Middleware\AuthenticatesRequests;
use Illuminate\Http\Request;

// Implementing this interface runs it where the framework's own Authenticate runs: before the throttle and the model bindings.
class AuthenticateApiKey implements AuthenticatesRequests
{
    public function __construct(private Organization $organization)
    {
    }

    public function handle(Request $request, Closure $next)
    {
        $key = $this->organization->apiKeys()->firstWhere('hash', ApiKey::hash((string) $request->header('X-Api-Key')));
        if ($key === null || ! $key->isUsable()) {
            throw new AuthenticationException;
        }
        $key->update(['last_used_at' => now()]);
        app()->instance(ApiKey::class, $key);
        $request->setUserResolver(fn () => $key->user);

        return $next($request);
    }
}
