<?php

namespace App\Http\Controllers;

use App\Http\Requests\RegisterSenderNumberRequest;
use App\Http\Resources\SenderNumberResource;
use App\Models\Organization;

class SenderNumberController extends Controller
{
    public function index(Organization $organization)
    {
        return SenderNumberResource::collection($organization->senderNumbers);
    }

    public function store(RegisterSenderNumberRequest $request, Organization $organization)
    {
        return new SenderNumberResource($organization->senderNumbers()->create($request->validated() + [
            'status' => 'pending_verification',
            'verification_status' => 'pending_verification',
        ]));
    }
}
