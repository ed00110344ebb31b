<?php

namespace App\Http\Controllers;

use App\Http\Requests\CreateApiKeyRequest;
use App\Http\Resources\ApiKeyResource;
use App\Models\ApiKey;
use App\Models\Organization;

class ApiKeyController extends Controller
{
    public function store(CreateApiKeyRequest $request, Organization $organization)
    {
        $plain = ApiKey::generate();
        $key = $organization->apiKeys()->create([
            'user_id' => $request->user()->id,
            'name' => $request->name,
            'prefix' => ApiKey::prefix($plain),
            'hash' => ApiKey::hash($plain),
            'scopes' => $request->input('scopes', []),
            'status' => 'active',
            'expires_at' => now()->addDays($request->input('expires_in_days', 90)),
        ]);

        return (new ApiKeyResource($key))->additional(['plain_text_key' => $plain]);
    }

    public function destroy(ApiKey $apiKey)
    {
        $apiKey->update(['status' => 'revoked']);

        return response()->noContent();
    }
}
