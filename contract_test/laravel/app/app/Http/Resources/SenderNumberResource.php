<?php

namespace App\Http\Resources;

use Illuminate\Http\Resources\Json\JsonResource;

class SenderNumberResource extends JsonResource
{
    public function toArray($request): array
    {
        return [
            'id' => $this->id,
            'phone' => $this->phone,
            'display_name' => $this->display_name,
            'verification_status' => $this->verification_status,
            'status' => $this->status,
            'daily_limit_override' => $this->daily_limit_override,
            'verified_at' => $this->verified_at,
        ];
    }
}
