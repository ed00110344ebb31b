<?php

namespace App\Http\Controllers;

use App\Http\Resources\UsageResource;
use App\Models\Organization;

class UsageController extends Controller
{
    public function __invoke(Organization $organization)
    {
        return UsageResource::collection($organization->senderNumbers()->withCount('messages')->get());
    }
}
