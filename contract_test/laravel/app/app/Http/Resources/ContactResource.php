<?php

namespace App\Http\Resources;

use Illuminate\Http\Resources\Json\JsonResource;

class ContactResource extends JsonResource
{
    public static $wrap = null;

    public function toArray($request): array
    {
        return [
            'exists' => $this->resource->exists,
            'can_receive' => $this->canReceive(),
            'reason_code' => $this->reasonCode(),
            'recipient_id' => $this->id,
            'is_verified' => $this->verified_at !== null,
            'phone_verified_at' => $this->verified_at,
        ];
    }
}
