<?php

namespace App\Http\Middleware;

use App\Models\Domain;
use App\Models\Organization;
use Closure;
use Illuminate\Http\Request;

class IdentifyTenant
{
    public function handle(Request $request, Closure $next)
    {
        $domain = Domain::with('organization')->firstWhere('host', $request->getHost());
        abort_if($domain === null, 404, 'Tenant could not be identified for this domain.');
        app()->instance(Organization::class, $domain->organization);

        return $next($request);
    }
}
