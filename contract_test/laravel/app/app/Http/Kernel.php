<?php

namespace App\Http;

use App\Http\Middleware\AuthenticateApiKey;
use App\Http\Middleware\IdentifyTenant;
use App\Http\Middleware\RequireScope;
use App\Http\Middleware\SlowDown;
use Illuminate\Contracts\Foundation\Application;
use Illuminate\Foundation\Http\Kernel as HttpKernel;
use Illuminate\Foundation\Http\Middleware\ConvertEmptyStringsToNull;
use Illuminate\Foundation\Http\Middleware\PreventRequestsDuringMaintenance;
use Illuminate\Foundation\Http\Middleware\TrimStrings;
use Illuminate\Foundation\Http\Middleware\ValidatePostSize;
use Illuminate\Routing\Middleware\SubstituteBindings;
use Illuminate\Routing\Router;

class Kernel extends HttpKernel
{
    protected $middleware = [
        PreventRequestsDuringMaintenance::class,
        ValidatePostSize::class,
        TrimStrings::class,
        ConvertEmptyStringsToNull::class,
    ];

    protected $middlewareGroups = [
        'api' => [
            'throttle:api',
            SubstituteBindings::class,
        ],
    ];

    protected $routeMiddleware = [
        'throttle' => \Illuminate\Routing\Middleware\ThrottleRequests::class,
        'tenant' => IdentifyTenant::class,
        'auth.key' => AuthenticateApiKey::class,
        'scope' => RequireScope::class,
        'slow' => SlowDown::class,
    ];

    public function __construct(Application $app, Router $router)
    {
        // The tenant is identified before all other middleware of a route, since keys, limits and bound models belong to it.
        array_unshift($this->middlewarePriority, IdentifyTenant::class);
        parent::__construct($app, $router);
    }
}
