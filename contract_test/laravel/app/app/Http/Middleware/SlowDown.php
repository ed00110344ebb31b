<?php

namespace App\Http\Middleware;

use Closure;
use Illuminate\Http\Request;

// For tests alone: where TEST_SLEEP is set, an answer waits for so many seconds after everything was done for it.
class SlowDown
{
    public function handle(Request $request, Closure $next)
    {
        $response = $next($request);
        sleep(config('app.test_sleep'));

        return $response;
    }
}
