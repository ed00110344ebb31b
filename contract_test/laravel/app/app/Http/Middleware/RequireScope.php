<?php

namespace App\Http\Middleware;

use App\Models\ApiKey;
use Closure;
use Illuminate\Http\Request;

class RequireScope
{
    public function handle(Request $request, Closure $next, string $scope)
    {
        abort_unless(app(ApiKey::class)->can($scope), 403, 'This API key does not have the required scope.');

        return $next($request);
    }
}
