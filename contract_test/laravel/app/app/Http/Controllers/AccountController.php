<?php

namespace App\Http\Controllers;

use App\Http\Resources\ApiKeyResource;
use App\Http\Resources\OrganizationResource;
use App\Models\ApiKey;
use App\Models\Organization;
use Illuminate\Http\Request;

class AccountController extends Controller
{
    public function me(Request $request, Organization $organization, ApiKey $key)
    {
        return response()->json([
            'user' => $request->user()->only('id', 'name', 'email'),
            'api_key' => new ApiKeyResource($key),
            'organization' => new OrganizationResource($organization),
            'subscription' => $organization->subscription?->only('id', 'status'),
        ]);
    }

    public function subscription(Organization $organization)
    {
        $subscription = $organization->subscription;

        return response()->json([
            'plan' => $subscription?->plan,
            'status' => $subscription?->status,
            'limits' => $subscription->limits ?? [],
            'usage_snapshot' => $subscription ? ['messages_sent' => $organization->messages()->count()] : [],
        ]);
    }
}
