<?php

namespace App\Http\Middleware;

use Closure;
use Illuminate\Http\Request;

// Only for tests: TEST_SLEEP is how many seconds a response waits after the request was executed.
class SlowDown
{
    public function handle(Request $request, Closure $next)
    {
        $response = $next($request);
        sleep(config('app.test_sleep'));

        return $response;
    }
}
